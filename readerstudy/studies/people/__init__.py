"""Who takes part: invitations, and readers who withdraw."""
