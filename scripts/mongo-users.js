// For mongosh: a database user for each app, which may do what the app does on its own collections and nothing else, and
// `tools` for the operator's tools, which may do all of it. Their passwords are those of IDENTITY_DB_PASSWORD,
// TWO_FACTOR_DB_PASSWORD, ADMIN_POLICY_DB_PASSWORD, AUDIT_DB_PASSWORD, OPENID_DB_PASSWORD, NOTIFY_DB_PASSWORD and TOOLS_DB_PASSWORD; done again, it sets them anew.
/* global db, process */
const apps = ['identity', 'two-factor', 'admin-policy', 'audit', 'openid', 'notify'];
const actions = ['find', 'insert', 'update', 'remove', 'createCollection', 'createIndex', 'listIndexes'];

for (const app of apps) {
  const privileges = [`${app}.commits`, `${app}.records`, `${app}.erasures`].map((collection) => ({
    resource: { db: db.getName(), collection },
    actions,
  }));
  if (db.getRole(app)) db.updateRole(app, { privileges });
  else db.createRole({ role: app, privileges, roles: [] });
}

for (const user of [...apps, 'tools']) {
  const variable = `${user.toUpperCase().replace('-', '_')}_DB_PASSWORD`;
  const pwd = process.env[variable];
  if (!pwd) throw new Error(`${variable} is missing`);
  const roles = user === 'tools' ? apps : [user];
  if (db.getUser(user)) db.updateUser(user, { pwd, roles });
  else db.createUser({ user, pwd, roles });
}
