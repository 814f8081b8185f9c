"""Mako compiles its templates to modules."""

from mako.template import Template

print(Template("<%def name='f(x)'>[${x | h}]</%def>\n% for i in range(2):\n${f('<%s>' % i)}\n% endfor\n").render())
