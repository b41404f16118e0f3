package broker

import (
	"encoding/json"
	"math/rand/v2"
	"time"

	"smartscheduler/events"
)

// reasonData is the data of the control frames that say why.
type reasonData struct {
	Reason string `json:"reason"`
}

// helloData is the data of hello.
type helloData struct {
	Build   string          `json:"build"`
	Streams []events.Stream `json:"streams"`
	Time    time.Time       `json:"time"`
}

// beatData is the data of hb.
type beatData struct {
	Time     time.Time `json:"time"`
	Degraded bool      `json:"degraded"`
	Delayed  bool      `json:"delayed,omitempty"`
}

// control frames what is not in the log. Every such frame has an id: an empty
// one would erase the position that the browser remembers.
func (b *Broker) control(name events.Control, id events.Position, data any, retry time.Duration) ([]byte, error) {
	body, err := json.Marshal(data)
	if err != nil {
		return nil, err
	}
	return b.private.frame(id.String(), string(name), body, retry)
}

// lost frames why the rights to a stream are gone. Who has others now is only
// told to come back.
func (b *Broker) lost(why events.Loss, id events.Position) ([]byte, error) {
	name := events.ControlSessionEnded
	if why == events.LossRights {
		name = events.ControlBye
	}
	return b.control(name, id, reasonData{string(why)}, 0)
}

// reconnectTime is the retry of hello: 2 to 5 s, so that the clients of a
// process that stopped do not come back in the same instant.
func reconnectTime() time.Duration {
	return 2*time.Second + rand.N(3*time.Second)
}

// awayTime is the retry of unavailable: 5 to 10 s.
func awayTime() time.Duration {
	return 5*time.Second + rand.N(5*time.Second)
}
