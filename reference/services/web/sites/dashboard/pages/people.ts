import { query } from '../api.ts';

export interface Person {
  readonly id: string;
  readonly email: string;
  readonly name: string | null;
  readonly role: string;
}

export const people = async (): Promise<readonly Person[]> =>
  (await query<{ users: readonly Person[] }>('users.list', { limit: 100 })).users;
