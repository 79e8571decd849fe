"""Find a checkpoint: a folder as it is, a hub id in the cache or on the hub."""

from collections.abc import Sequence
from pathlib import Path

from huggingface_hub import snapshot_download
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from inference.identity import checkpoint_revision, split_hub_id

# The public repository keeps its weights twice; the pickled copy is never wanted.
WANTED_FILES = ["*.safetensors", "*.json", "tokenizer.model"]


def local_folder(
    checkpoint: str | Path, *, wanted: Sequence[str] = WANTED_FILES
) -> Path:
    """Return the folder of a checkpoint, fetched from the hub where it is a hub id.

    The revision fetched is the one that `checkpoint_revision` names.
    """
    if Path(checkpoint).is_dir():
        return Path(checkpoint)
    identifier, revision = split_hub_id(checkpoint_revision(checkpoint))
    try:
        return Path(
            snapshot_download(
                identifier, revision=revision, allow_patterns=list(wanted)
            )
        )
    except GatedRepoError as problem:
        raise ValueError(
            f"The hub gives {identifier} only to accounts that accepted its terms: "
            "accept them there and set HF_TOKEN."
        ) from problem
    except (RepositoryNotFoundError, HFValidationError) as problem:
        raise ValueError(
            f"There is neither a folder nor a hub repository {identifier}: check the "
            "checkpoint's name."
        ) from problem
    except RevisionNotFoundError as problem:
        raise ValueError(
            f"The hub repository {identifier} has no revision {revision}: check what "
            "stands after the @."
        ) from problem
    except (OSError, HfHubHTTPError) as problem:
        raise ValueError(
            f"{identifier} is not on this machine and the hub cannot be reached: "
            "download it where there is a network and give its folder."
        ) from problem
