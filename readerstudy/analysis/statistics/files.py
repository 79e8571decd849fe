def write_result_set(r, d): return []
