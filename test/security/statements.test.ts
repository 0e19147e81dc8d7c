import { expect, test } from 'vitest';
import { scopeOf } from '../../suites/security/isolation/statements.ts';

const setting = 'app.current_tenant_id';

test.each([
  ["BEGIN READ ONLY; SET LOCAL app.current_tenant_id = '1'", 'transaction'],
  ["SET app.current_tenant_id = '1'", 'connection'],
  ["BEGIN; SET SESSION app.current_tenant_id TO '1'; SELECT 1", 'connection'],
  ['set "app"."current_tenant_id" = \'1\'', 'connection'],
  ["select set_config('app.current_tenant_id', $1, true)", 'transaction'],
  ["select set_config('app.current_tenant_id', $1::text, false)", 'connection'],
  ["select set_config('app.current_tenant_id', coalesce($1, upper('a,b')), 't')", 'transaction'],
  ["select set_config('app.current_tenant_id', $1, $2)", 'unknown'],
  ['SELECT set_config($1, $2, TRUE), 1', 'transaction'],
  ["select set_config('app.current_tenant_id', $1, true), set_config('app.role', $2, false)", 'transaction'],
  ["select set_config('app.role', $1, true), set_config('app.current_tenant_id', $2, false)", 'connection'],
  ["select set_config('app.current_tenant_id', '', false)", null],
  ['RESET app.current_tenant_id', null],
  ["SET app.current_tenant_id = ''", null],
  ['SET app.current_tenant_id TO DEFAULT', null],
  ["select current_setting('app.current_tenant_id', true)", null],
  ["SET LOCAL app.other = '1'", null],
  ["select set_config('app.other', $1, false)", null],
])('%s: %s', (text, scope) => expect(scopeOf(text, setting)).toBe(scope));
