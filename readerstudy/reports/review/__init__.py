"""Review of report texts for what names people and for tell-tales; the sign-off."""
