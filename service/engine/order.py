"""Which step comes before which, on the way the diagram draws forward?"""

from __future__ import annotations

from service.engine.release import Release


def comes_before(release: Release, earlier: str, later: str) -> bool:
    """Return whether the way forward leads from one step to another; loops are not followed back.

    Steps on parallel branches or on alternative paths come neither before nor after each other, and no step comes before
    itself. A step inside a called process stands where its call stands. False for ids the release does not know.
    """
    path, other_path = _calls_down_to(release, earlier), _calls_down_to(release, later)
    for (process, node), (other_process, other_node) in zip(path, other_path, strict=False):
        if process != other_process:
            return False
        if node != other_node:
            net = release.flow_nets[process]
            return net.comes_later(other_node, than=node) and not net.together(node, other_node)
    return False


def _calls_down_to(release: Release, node_id: str) -> list[tuple[str, str]]:
    """Return the way to a node as (process, node) from the case's own process inwards, empty for an unknown node."""
    owner = next((name for name, net in release.flow_nets.items() if node_id in net.nodes), None)
    path = [(owner, node_id)] if owner is not None else []
    while path and path[0][0] != release.process_id:
        call = _call_of(release, path[0][0])
        path = [call, *path] if call is not None else []
    return path


def _call_of(release: Release, process_id: str) -> tuple[str, str] | None:
    for name, net in release.flow_nets.items():
        for node, spec in net.nodes.items():
            if getattr(spec, "spec", None) == process_id:
                # Several runs of one call hang on a node of its own, named after the call.
                return name, node.removesuffix(" [child]")
    return None
