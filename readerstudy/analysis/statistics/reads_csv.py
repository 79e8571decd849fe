class BadTable(ValueError): pass
def read_csv(x): return []
