package accounts

import (
	"context"
	"errors"
	"net"
	"net/url"

	"vitrine/dam"
	"vitrine/dam/outbound"
	"vitrine/dam/reasons"
	"vitrine/publishers"
)

// refusal returns a channel's error in words for the person who configures it.
func refusal(k publishers.Kind, err error) error {
	var d *dam.Error
	if errors.As(err, &d) {
		return err
	}
	e := publishers.Classify(err, publishers.ClassRetry)
	out := &dam.Error{Code: dam.Unavailable, Field: "config",
		Reason: reasons.ChannelUnreachable(k.Title, cause(e)), Err: err}
	switch e.Class {
	case publishers.ClassDisconnected, publishers.ClassAuthExpired:
		out.Code, out.Reason = dam.Forbidden, reasons.ChannelRefusesCredentials(k.Title, cause(e))
	case publishers.ClassUnpaid:
		out.Reason = e.Reason
	case publishers.ClassPermanent:
		out.Code, out.Reason = dam.Invalid, e.Reason
		if e.Field != "" {
			out.Field = "config." + e.Field
		}
	}
	return out
}

// cause returns the cause without the remote's texts.
func cause(e *publishers.Error) string {
	var answer *publishers.Answer
	var call *url.Error
	var connection *net.OpError
	switch {
	case errors.As(e.Err, &answer):
		return answer.Error()
	case errors.Is(e.Err, outbound.ErrRefused), errors.Is(e.Err, context.DeadlineExceeded), errors.As(e.Err, &call),
		errors.As(e.Err, &connection):
		return outbound.Reason(e.Err).Error()
	}
	return e.Text()
}
