"""CXR-LLaVA v2: loads the released checkpoint layout and reproduces its numbers.

Importing this registers the classes with AutoConfig, AutoModel,
AutoModelForImageTextToText, AutoProcessor and AutoTokenizer.

Where the released code has plain bugs, this raises ValueError, in a sentence:

- a turn without an image, on which the released code crashes;
- a prompt that leaves no room for an answer, after which it writes a single token;
- images on which it fails or fills the memory (`inference.grey_levels.eight_bit_grey`).

An image of a single row, whose row it mistakes for a channel, is taken as it is.
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
