"""A retriever for LangChain (langchain-core): passages as documents, with what a citation needs."""

import httpx
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever


class MirageRetriever(BaseRetriever):
    url: str
    key: str
    project: str
    limit: int = 6

    def _get_relevant_documents(self, query, *, run_manager):
        answer = httpx.post(
            f"{self.url}/api/v1/projects/{self.project}/search",
            json={"query": query, "limit": self.limit},
            headers={"X-API-Key": self.key},
            timeout=60,
        )
        answer.raise_for_status()
        return [
            Document(
                id=passage["id"],
                page_content=passage["text"],
                metadata={
                    "source": passage["document"]["name"],
                    "page": passage["page_label"] or passage["page_number"],
                    "headings": passage["heading_path"],
                    "score": passage["score"],
                    "weak": passage["weak"],
                    "link": f"{self.url}/d/{passage['document']['id']}"
                    f"?at={passage['start']}-{passage['end']}",
                },
            )
            for passage in answer.json()["passages"]
        ]
