-- Which services a site offers. A site without a row offers every service, as each did before this table. Who said so stands in
-- the audit table, as an act named services-set.

CREATE TABLE offer (
    site TEXT NOT NULL REFERENCES site (site),  -- "city/name" of the place
    service TEXT NOT NULL,  -- code of a service that it offers, [a-z0-9-]{1,24}
    PRIMARY KEY (site, service)
);
