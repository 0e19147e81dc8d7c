import type { Body } from '../../runners/body.ts';
import { tellArea, withLook } from './isolation/tell.ts';

const body: Body = (context) =>
  withLook(context, ['probed', 'cells'], async (look) => {
    tellArea(context, look, 'matrix');
    if (context.environment.kind !== 'disposable') context.note('kept within bounds', bounds);
  });

export default body;

const bounds =
  'this deployment is not disposable: everything was rolled back, no lock was waited for longer than 200 ms, tables of more than 10000 rows were not written to without a WHERE, and functions whose doing no roll-back takes back were not called; each is listed as unprobed';
