"""
title: Search miRAGe
description: Finds passages in your documents, each with a citation that opens it.
requirements: httpx
"""

import httpx
from pydantic import BaseModel, Field


class Tools:
    """A tool of Open WebUI, which shows citations of its own tools but not of MCP servers."""

    class Valves(BaseModel):
        url: str = Field("https://mirage.example.com", description="Address of miRAGe")
        key: str = Field("", description="A key that only reads")
        project: str = Field("handbooks", description="Project to search")

    def __init__(self):
        self.valves = self.Valves()
        self.citation = False  # This tool emits its own citations.

    async def search_documents(self, query: str, __event_emitter__=None) -> str:
        """
        Find passages in the user's documents. Use it before answering anything that may be there.
        :param query: one question, or words to find
        """
        valves = self.valves
        async with httpx.AsyncClient(base_url=valves.url, timeout=60) as http:
            answer = await http.post(
                f"/api/v1/projects/{valves.project}/search",
                json={"query": query, "limit": 6, "max_tokens": 2000},
                headers={"X-API-Key": valves.key},
            )
        if answer.is_error:
            return f"The search failed: {answer.json().get('detail', answer.status_code)}"
        found = answer.json()["passages"]
        for passage in found if __event_emitter__ else ():
            document = passage["document"]
            page = passage["page_label"] or passage["page_number"]
            name = f"{document['name']}, p. {page}" if page else document["name"]
            link = f"{valves.url}/d/{document['id']}?at={passage['start']}-{passage['end']}"
            data = {
                "document": [passage["text"]],
                "metadata": [{"source": name}],
                "source": {"name": name, "url": link},
            }
            await __event_emitter__({"type": "citation", "data": data})
        texts = [f"[{at}] {passage['text']}" for at, passage in enumerate(found, 1)]
        return "\n\n".join(texts) or "Nothing was found."
