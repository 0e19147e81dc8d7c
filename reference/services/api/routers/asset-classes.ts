import { publicProcedure, router } from '../trpc.ts';

const names = [
  'Bank account', 'Savings account', 'Pension', 'Life insurance', 'Shares', 'Bonds', 'Investment fund', 'House', 'Flat', 'Land',
  'Business', 'Vehicle', 'Boat', 'Jewellery', 'Art', 'Collection', 'Furniture', 'Digital asset', 'Loan given', 'Other',
]; // biome-ignore format: a list of words

/** A catalogue that belongs to no tenant, so anybody may read it. */
const catalogue = names.map((name, index) => ({
  id: `00000000-0000-4000-8000-${String(index + 1).padStart(12, '0')}`,
  name,
  slug: name.toLowerCase().replaceAll(' ', '-'),
  sortOrder: index + 1,
}));

export const assetClasses = router({ list: publicProcedure.query(() => catalogue) });
