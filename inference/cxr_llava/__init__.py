"""CXR-LLaVA v2: loads the released checkpoint layout and reproduces its numbers.

Importing this registers the classes with AutoConfig, AutoModel and AutoProcessor.
"""

from inference.cxr_llava.configuration import IMAGE_TOKEN_ID, CxrLlavaConfig
from inference.cxr_llava.image_processing import CxrLlavaImageProcessor
from inference.cxr_llava.modeling import CxrLlavaForReportGeneration
from inference.cxr_llava.processing import CxrLlavaProcessor
from inference.cxr_llava.tokenization import CxrLlavaTokenizer

__all__ = [
    "IMAGE_TOKEN_ID",
    "CxrLlavaConfig",
    "CxrLlavaForReportGeneration",
    "CxrLlavaImageProcessor",
    "CxrLlavaProcessor",
    "CxrLlavaTokenizer",
]
