"""What every answer tells browsers: who may hold it, keep it, and what it may use."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

# Nothing of the site asks for any of these; the clipboard and a whole screen are its
# own to use, on its own pages.
_SWITCHED_OFF = (
    *("accelerometer", "autoplay", "browsing-topics", "camera"),
    *("display-capture", "encrypted-media", "geolocation", "gyroscope", "hid"),
    *("identity-credentials-get", "idle-detection", "local-fonts", "magnetometer"),
    *("microphone", "midi", "payment", "serial", "usb", "xr-spatial-tracking"),
)
HEADERS = {
    "Permissions-Policy": ", ".join(f"{name}=()" for name in _SWITCHED_OFF),
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Permitted-Cross-Domain-Policies": "none",
}
# What a view does not allow to be kept is kept nowhere: not by a proxy, and not by the
# browser of a reading room after its reader has signed out.
UNKEPT = "no-store, private"


def safe_headers(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Add the headers that Django has no setting for; what a view says stays."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        for name, value in HEADERS.items():
            response.setdefault(name, value)
        # Static files have said already how long they may be kept.
        response.setdefault("Cache-Control", UNKEPT)
        return response

    return answer
