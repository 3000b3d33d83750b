"""Pictures as plain SVG: no script, styled by the page's own sheet, readable in print, light and
dark.
"""
