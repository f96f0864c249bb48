"""All the SQL there is. Blind to services, providers and pages: it takes and gives the core's values."""
