import type { Body } from '../../runners/body.ts';
import { tellArea, withLook } from './isolation/tell.ts';

const body: Body = (context) =>
  withLook(context, ['probed', 'cells'], async (look) => {
    const { carriers } = look.report;
    context.note('who says whose turn it is', carriers.join(', ') || 'nothing that was found');
    tellArea(context, look, 'context');
  });

export default body;
