"""Charts as SVG, which a page holds as it is."""

import html

WIDTH, LABEL, ROW, BAR = 640, 160, 26, 18


def bars(pairs, title):
    """Horizontal bars for pairs of a label and a number, which may be negative."""
    pairs = [(str(label), float(number)) for label, number in pairs]
    low = min([0, *[number for _, number in pairs]])
    high = max([0, *[number for _, number in pairs]])
    scale = (WIDTH - LABEL - 80) / (high - low or 1)
    zero = LABEL - low * scale
    parts = []
    for row, (label, number) in enumerate(pairs):
        top, end = row * ROW, zero + number * scale
        middle = top + BAR / 2 + 5
        parts += [
            f'<text x="{LABEL - 8}" y="{middle:.0f}" text-anchor="end">{html.escape(shortened(label))}</text>',
            f'<rect x="{min(zero, end):.1f}" y="{top}" width="{abs(end - zero):.1f}" height="{BAR}"/>',
            f'<text x="{max(zero, end) + 6:.1f}" y="{middle:.0f}">{number:,.6g}</text>',
        ]
    size = f'viewBox="0 0 {WIDTH} {len(pairs) * ROW}"'
    return f'<svg role="img" aria-label="{html.escape(title)}" {size}>{"".join(parts)}</svg>'


def shortened(text, most=20):
    return text if len(text) <= most else text[: most - 1] + "…"
