"""Report generation without the web: CXR-LLaVA, its training and its command line.

Nothing here imports Django. This module and `inference.identity`, `inference.prompts`
import no torch either, so that a web process can name a checkpoint without loading it.
"""
