"""A retriever for LlamaIndex (llama-index-core): passages as nodes, with what a citation needs."""

import httpx
from llama_index.core.retrievers import BaseRetriever
from llama_index.core.schema import NodeWithScore, TextNode


class MirageRetriever(BaseRetriever):
    def __init__(self, url, key, project, limit=6):
        super().__init__()
        self._url, self._key, self._project, self._limit = url, key, project, limit

    def _retrieve(self, query_bundle):
        answer = httpx.post(
            f"{self._url}/api/v1/projects/{self._project}/search",
            json={"query": query_bundle.query_str, "limit": self._limit},
            headers={"X-API-Key": self._key},
            timeout=60,
        )
        answer.raise_for_status()
        return [
            NodeWithScore(
                node=TextNode(
                    id_=passage["id"],
                    text=passage["text"],
                    metadata={
                        "source": passage["document"]["name"],
                        "page": passage["page_label"] or passage["page_number"],
                        "headings": passage["heading_path"],
                        "link": f"{self._url}/d/{passage['document']['id']}"
                        f"?at={passage['start']}-{passage['end']}",
                    },
                ),
                score=passage["score"],
            )
            for passage in answer.json()["passages"]
        ]
