"""The life of a study: its states, and the verbs that lead from one to the next."""
