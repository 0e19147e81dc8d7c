import { policyOf, sqlFault } from './sql.ts';

export default sqlFault({
  name: 'rls-admin-switch',
  plants: 'A setting that any session may set opens the audit log of all tenants.',
  catches: ['sec.rls.context'],
  mayAlso: ['sec.rls.catalog', 'smoke.db.policies'],
  plant: `alter policy audit_logs_select on audit_logs using (tenant_id = get_current_tenant_id() or current_setting('app.is_admin', true) = 'true')`,
  lift: async (deployment) =>
    `drop policy audit_logs_select on audit_logs; ${await policyOf('audit_logs', 'audit_logs_select')(deployment)}`,
});
