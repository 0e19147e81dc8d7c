import { lookOver } from '../pages.ts';

export default lookOver('dashboard');
