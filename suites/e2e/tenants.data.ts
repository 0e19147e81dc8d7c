import type { JourneyBody } from '../../runners/journey.ts';
import { freshText, upload } from './library.ts';
import { withHttp } from './room.ts';
import { sideBySide } from './side-by-side.ts';
import { attempt, mustNotDo, useNeighbours } from './tenants.ts';

const body: JourneyBody = (context) =>
  withHttp(context, async (http) => {
    const both = await useNeighbours(context, http, 'documents');
    if (both === null) return;
    const { owner, stranger } = both;
    const text = freshText(context);
    const made = await upload(context, owner, text);
    if (!made.ok) return context.breaks('documents', made.because);
    const { id } = made;
    const hidden = [id, text.mark];
    const look = (what: string, procedure: string, input: object) =>
      attempt(context, both, {
        what,
        assertion: 'documents',
        hidden,
        ask: ({ client }) => client.query(procedure, input),
      });
    await look('listing documents', 'knowledge.list', { limit: 100 });
    await look('listing documents by title', 'knowledge.list', { search: text.mark });
    await look('opening a document by its id', 'knowledge.get', { id });
    const change = (what: string, procedure: string, input: object) =>
      mustNotDo(context, stranger, {
        what,
        assertion: 'changes',
        ask: ({ client }) => client.mutation(procedure, input),
      });
    await change('changing a document', 'knowledge.update', { id, title: `taken ${text.mark}` });
    await change('deleting a document', 'knowledge.delete', { id });
    await look('opening it after the attempts', 'knowledge.get', { id });
    const people = { assertion: 'people', hidden: [owner.email] };
    await attempt(context, both, {
      ...people,
      what: 'listing users',
      ask: ({ client }) => client.query('users.list', { limit: 100 }),
    });
    await attempt(context, both, {
      ...people,
      what: 'looking a user up by address',
      ask: ({ client }) => client.query('users.list', { search: owner.email }),
    });
    if (owner.userId !== null)
      await attempt(context, both, {
        ...people,
        what: 'opening a user by id',
        ask: ({ client }) => client.query('users.get', { id: owner.userId }),
      });
    const other = freshText(context);
    const theirs = await upload(context, stranger, other);
    if (!theirs.ok) return context.breaks('in-browsers', theirs.because);
    await sideBySide(context, both, {
      owner: { 'the title of a document': text.mark, 'the id of a document': id },
      stranger: { 'the title of a document': other.mark, 'the id of a document': theirs.id },
    });
  });
export default body;
