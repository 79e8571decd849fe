from typing import Any

from django.db import migrations, models
from django.db.models import Count, Q
from django.utils import timezone

ARCHIVES = (".zip", ".tgz", ".tar.gz", ".tar")
# Which files of a layout come first, as it was said by their names until now.
TURNS = {
    "openi": ((1, (".xml",)), (2, ("projections.csv",))),
    "mimic": ((1, (".txt",)), (2, ("metadata.csv", "metadata.csv.gz"))),
}


def take_turns(apps: Any, editor: Any) -> None:
    """Deliveries with reports that are under way go on in the order they began in."""
    Delivery = apps.get_model("cases", "Delivery")
    for delivery in Delivery.objects.filter(layout__in=TURNS):
        delivery.files.update(turn=3)
        for turn, endings in TURNS[delivery.layout]:
            ends = Q()
            for ending in endings:
                ends |= Q(name__iendswith=ending)
            found = delivery.files.filter(ends)
            if turn == 1:
                found = found.exclude(name__contains="__MACOSX")
            found.update(turn=turn)
        ends = Q()
        for ending in ARCHIVES:
            ends |= Q(name__iendswith=ending)
        delivery.files.filter(ends, archive=None).update(turn=0)


def tell_counts(apps: Any, editor: Any) -> None:
    """What finished deliveries brought stands in the record of events already."""
    Delivery = apps.get_model("cases", "Delivery")
    counted = Delivery.objects.filter(status="done", note="").annotate(
        imported=Count("files", filter=Q(files__state="imported")),
        there=Count("files", filter=Q(files__state="there")),
    )
    for delivery in counted:
        told = {"imported": delivery.imported, "already there": delivery.there}
        Delivery.objects.filter(pk=delivery.pk).update(told=told)


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0011_flags_may_be_empty"),
    ]

    operations = [
        migrations.AddField(
            model_name="delivery",
            name="touched_at",
            field=models.DateTimeField(auto_now=True, default=timezone.now),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="delivery",
            name="told",
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name="delivery",
            name="names_forgotten_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="deliveredfile",
            name="turn",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="deliveredfile",
            name="tries",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.RemoveIndex(model_name="deliveredfile", name="delivered_next"),
        migrations.AddIndex(
            model_name="deliveredfile",
            index=models.Index(
                fields=["delivery", "state", "turn", "name"], name="delivered_next"
            ),
        ),
        migrations.AddIndex(
            model_name="deliveredfile",
            index=models.Index(fields=["archive", "state"], name="delivered_members"),
        ),
        migrations.RunPython(take_turns, migrations.RunPython.noop),
        migrations.RunPython(tell_counts, migrations.RunPython.noop),
    ]
