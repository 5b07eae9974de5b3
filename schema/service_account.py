"""The identity of the pods."""

from schema.section import Annotations, Labels, Name, Section


class ServiceAccount(Section):
    """The ServiceAccount of all pods. No pod gets its token, because none talks to Kubernetes."""

    create: bool = True
    """Create the ServiceAccount; if false, the pods use `name`, or the namespace's default."""
    name: Name | None = None
    """Name; if null and `create` is true, the name of the release."""
    labels: Labels | None = {}
    """Additional labels, such as `azure.workload.identity/use`."""
    annotations: Annotations | None = {}
    """Annotations, such as a role of the cloud."""
