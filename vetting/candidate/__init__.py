"""The candidate's side: a link in place of an account, the notice, consents, disclosures, replies."""
