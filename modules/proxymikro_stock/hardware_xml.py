# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""lshw in XML, as the tree that it is in JSON."""
import io
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from .hardware_value import UnreadableReport

_TEXTS = {
    'description', 'product', 'vendor', 'businfo', 'serial', 'slot',
    'logicalname', 'date', 'version'}


def read_xml(data, max_depth):
    "Return the tree of the nodes of the XML"
    root = _parse(data, max_depth)
    node = root if root.tag == 'node' else root.find('node')
    if node is None:
        raise UnreadableReport('unknown')
    return _read_node(node)


def _parse(data, max_depth):
    depth, root = 0, None
    try:
        # No DTD, so no entity and nothing from outside
        for event, element in iterparse(
                io.BytesIO(data), events=('start', 'end'), forbid_dtd=True):
            if root is None:
                root = element
            depth += 1 if event == 'start' else -1
            if depth > max_depth:
                raise UnreadableReport('depth', depth=max_depth)
    except UnreadableReport:
        raise
    except DefusedXmlException:
        raise UnreadableReport('entities')
    except (ParseError, ValueError, LookupError):
        raise UnreadableReport('format')
    return root


def _read_node(element):
    node = dict(element.attrib)
    if node.get('disabled') == 'true':
        node['disabled'] = True
    children = []
    for child in element:
        if child.tag == 'node':
            children.append(_read_node(child))
        elif child.tag == 'size':
            node['size'] = child.text
            node.setdefault('units', child.get('units'))
        elif child.tag == 'configuration':
            node['configuration'] = {
                s.get('id'): s.get('value') for s in child}
        elif child.tag == 'capabilities':
            node['capabilities'] = {c.get('id'): c.text for c in child}
        elif child.tag == 'logicalname':
            node.setdefault('logicalname', []).append(child.text)
        elif child.tag in _TEXTS:
            node[child.tag] = child.text
    node['children'] = children
    return node
