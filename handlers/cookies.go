package handlers

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"
)

// The cookies, without the prefix that they have over TLS.
const (
	sessionCookie = "s"
	kioskCookie   = "k"
)

// cookieName adds the prefix that makes browsers refuse a cookie which another
// host or a plain connection planted. It exists over TLS only.
func (h *Handlers) cookieName(name string) string {
	if h.secure {
		return "__Host-" + name
	}
	return name
}

// setCookie sets one of our cookies; a negative life removes it.
func (h *Handlers) setCookie(c echo.Context, name, value string, life time.Duration) {
	age := int(life / time.Second)
	if life < 0 {
		age = -1
	}
	c.SetCookie(&http.Cookie{
		Name: h.cookieName(name), Value: value, Path: "/", MaxAge: age,
		Secure: h.secure, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}

func cookieValue(c echo.Context, name string) string {
	cookie, err := c.Cookie(name)
	if err != nil || len(cookie.Value) > 200 {
		return ""
	}
	return cookie.Value
}
