"""The demo district (演示数据，全部虚构): its bodies, people and two seasons, brought about by the product's own commands."""

#: Name of the file with the demo accounts' password, in the data folder; it marks a demo installation.
PASSWORD_FILE = "demo_password"  # noqa: S105 - a name
#: Stands in the data folder while loading goes on; found at a start, loading was broken off.
UNFINISHED_FILE = "demo_unfinished"
