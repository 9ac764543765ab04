"""The demo district (演示数据，全部虚构): its bodies, people and two seasons, brought about by the product's own commands."""
