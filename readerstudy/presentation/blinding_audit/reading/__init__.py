"""A simple statistical reader: how well texts alone tell which arm wrote them.

Pure: texts in, plain JSON out. scikit-learn is loaded when it is first needed.
"""
