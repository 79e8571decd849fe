"""The pages by which Cora brings in a table, as she goes through them in tests."""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from readerstudy.reports.models import Report
from readerstudy.reports.tables.models import TableImport
from tests.people import cora

CHOSEN = {"case": "0", "rule": "exact", "report": "1", "doubled": "none"}


def text_of(answer):
    return answer.content.decode()


def upload(content, *, name="reports.csv", who=None, collection="phantoms"):
    content = content if isinstance(content, bytes) else content.encode()
    file = SimpleUploadedFile(name, content)
    client = (who or cora()).client
    return client.post(
        reverse("reports:tables:tables"), {"collection": collection, "file": file}
    )


def uploaded(content, **options):
    upload(content, **options)
    return TableImport.objects.latest("pk")


def at(table, step):
    return reverse(f"reports:tables:{step}", args=[table.token])


def get(table, step, **query):
    return cora().client.get(at(table, step), query)


def post(table, step, **form):
    if step == "check" and table.is_held:
        # As the page does that was shown last.
        table.refresh_from_db()
        form = {"shown": table.checked.get("digest", "")} | form
    return cora().client.post(at(table, step), form, follow=True)


def mapped(table, **chosen):
    return post(table, "columns", **CHOSEN | {"source": "elsewhere"} | chosen)


def reports():
    return Report.objects.filter(source__name="elsewhere").order_by("pk")
