package dam

import "time"

// CustomRole is a role that a library has made beside the ready-made ones.
type CustomRole struct {
	Library     string       `json:"library"`
	Name        Role         `json:"name"`
	Revision    int64        `json:"revision"`
	Title       string       `json:"title" doc:"As people see it"`
	Permissions []Permission `json:"permissions" nullable:"false"`
	CreatedAt   time.Time    `json:"created_at"`
	CreatedBy   string       `json:"created_by"`
}

// AccessGroup is people and tokens of a library who are granted something together.
type AccessGroup struct {
	ID        string    `json:"id"`
	Library   string    `json:"library"`
	Revision  int64     `json:"revision"`
	Name      string    `json:"name"`
	Members   []string  `json:"members" nullable:"false" doc:"Ids of people and tokens"`
	CreatedAt time.Time `json:"created_at"`
	CreatedBy string    `json:"created_by"`
}

// FurtherGrant is a role that a person, a token or a group has beside the one role of each person and token: in the
// whole library, or on what is in a collection and below it.
type FurtherGrant struct {
	ID         string    `json:"id"`
	Library    string    `json:"library"`
	Holder     string    `json:"holder" doc:"Id of a person, a token or a group"`
	Role       Role      `json:"role"`
	Collection string    `json:"collection,omitempty" doc:"Id of the collection; absent for the whole library"`
	CreatedAt  time.Time `json:"created_at"`
	CreatedBy  string    `json:"created_by"`
}
