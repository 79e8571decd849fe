"""People for Label Studio; run by its own `manage.py shell`, in its own environment."""

import json
import os

from organizations.models import Organization
from users.models import User

password = os.environ["PASSWORD"]
owner = User.objects.create_user(email="owner@localhost.test", password=password)
organization = Organization.create_organization(created_by=owner, title="load")
owner.active_organization = organization
owner.save()
names = [
    f"reader{number}@localhost.test" for number in range(int(os.environ["READERS"]))
]
for name in names:
    user = User.objects.create_user(email=name, password=password)
    organization.add_user(user)
    user.active_organization = organization
    user.save()
print(json.dumps({"owner": owner.email, "readers": names}))  # noqa: T201
