-- The tenants whose marts are published, each on its own.
select org_id from contact_center.organizations order by org_id
