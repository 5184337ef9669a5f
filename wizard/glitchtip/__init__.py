"""What is true of GlitchTip? Its settings, its compose project and its containers.

Statements about GlitchTip are made here once, with their source.
"""
