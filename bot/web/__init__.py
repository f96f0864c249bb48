"""HTTP in and out: the webhooks, the console and the pages. Rule: no decision about a message is taken here."""
