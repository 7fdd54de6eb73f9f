"""Where panels stand: rows from the top to the bottom, each filled from the left to the right."""

WIDTH = 24


def place(rows):
    """Panels with their places and numbers, from (title, height, [(panel, width), …]) rows.

    A row whose title is None begins without a heading.
    """
    placed, top = [], 0

    def add(panel, x, width, height):
        position = {"h": height, "w": width, "x": x, "y": top}
        placed.append({"id": len(placed) + 1, "gridPos": position, **panel})

    for title, height, panels in rows:
        if title is not None:
            add({"collapsed": False, "panels": [], "title": title, "type": "row"}, 0, WIDTH, 1)
            top += 1
        left = 0
        for panel, width in panels:
            add(panel, left, width, height)
            left += width
        if left > WIDTH:
            raise ValueError(f"the row at {top} is {left} wide")
        top += height
    return placed
