"""Papers of an office: what they say (``order``, ``bulletin``, …) and how they look (``docx``, ``html``)."""
