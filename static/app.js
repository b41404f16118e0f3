/* vendor/htmx-4.0.1.min.js */
var htmx=(()=>{const e={parse(t){if(!t)return{};if(t.startsWith("{"))return JSON.parse(t);let r=/(?:"([^"]+)"|'([^']+)'|([^\s,:]+))(?:\s*:\s*(?:"([^"]*)"|'([^']*)'|<((?:[^/]|\/(?!>))+)\/>|([^\s,]+)))?(?=\s|,|$)/g,i={};for(let s of t.matchAll(r)){let[,t,r,n,o,a,l,h]=s,c=t??r??n,u=(o??a??l??h??"true").trim();try{u=JSON.parse(u)}catch{}let d=n?.includes("."),f=d?c.split(".").reduceRight((e,t)=>({[t]:e}),u):{[c]:u};e.merge(f,i)}return i},split:e=>e.split(/,(?![^\[]*\])(?![^(]*\))(?![^<]*\/>)(?=(?:[^"']|"[^"]*"|'[^']*')*$)/),merge(t,r){"string"==typeof t&&(t=e.parse(t));for(let[i,s]of Object.entries(t)){if(["__proto__","constructor","prototype"].includes(i))continue;let t=s?.constructor===Object,n=r[i]?.constructor===Object;t&&n?e.merge(s,r[i]):r[i]=s}return r}};class t{#e=null;#t=[];admit(e,t,r){if(!this.#e)return this.#e={strategy:e,abort:r},"run";if("replace"===e||"abort"!==e&&"abort"===this.#e.strategy)return this.#t=[],this.#e.abort?.(),this.#e={strategy:e,abort:r},"run";if("queue all"===e)this.#t.push(t);else if("queue last"===e)this.#t=[t];else{if("abort"===e||"drop"===e||0!==this.#t.length)return"dropped";this.#t.push(t)}return"queued"}continue(e){this.#e?.abort===e&&(this.#e=null,this.#t.shift()?.())}abort(){this.#e?.abort?.()}}return new class{#r=e;#i=new Map;#s="";#n=new Set;_loc=window.location;#o;#a=Function;#l=Object.getPrototypeOf(async function(){}).constructor;#h={createHTML:e=>e,createScript:e=>e};#c;#u="a,form";#d=["get","post","put","patch","delete","query"];#f;#m;#p;#g;#x;constructor(){this.#b(),this.#y(),this.#c=this.#S("[hx-action],[hx-get],[hx-post],[hx-put],[hx-patch],[hx-delete],[hx-query]"),this.#f=(new XPathEvaluator).createExpression(`.//*[@*[${this.#v("hx-on").map(e=>`starts-with(name(), "${e}")`).join(" or ")}]]`),this.#o={HCON:e,attributeValue:this.#E.bind(this),parseTriggerSpecs:this.#w.bind(this),determineMethodAndAction:this.#A.bind(this),createRequestContext:this.#T.bind(this),collectFormData:this.#C.bind(this),getAttributeObject:this.#q.bind(this),insertContent:this.#N.bind(this),morph:this.#I.bind(this),isSoftMatch:this.#M.bind(this),initSecurity:(e,t,r)=>{e&&(this.#h=e),t&&(this.#a=t),r&&(this.#l=r)},onTrigger:this.#O.bind(this),htmxProp:this.#H.bind(this),triggerHtmxEvent:this.#L.bind(this),executeJavaScript:this.#k.bind(this)};let t=()=>this.initialize();"loading"===document.readyState?document.addEventListener("DOMContentLoaded",t):setTimeout(t)}#b(){this.version="4.0.1",this.config={logAll:!1,prefix:"data-hx-",transitions:!1,history:!0,mode:"same-origin",defaultSwap:"innerHTML",defaultFocusScroll:!1,indicatorClass:"htmx-indicator",requestClass:"htmx-request",includeIndicatorCSS:!0,defaultTimeout:6e4,extensions:"",morphIgnore:["data-htmx-powered"],morphSkip:"[hx-morph-skip]",morphSkipChildren:"[hx-morph-skip-children]",morphScanLimit:10,noSwap:[204,304],implicitInheritance:!1,defaultSettleDelay:1,allowEmptySwapAfterOOB:!1};let t=document.querySelector('meta[name="htmx-config"]');t&&e.merge(t.content,this.config),this.#s=this.config.extensions}#y(){if(!1!==this.config.includeIndicatorCSS){let e=this.config.indicatorClass,t=this.config.requestClass;try{this.indicatorStyleSheet=new CSSStyleSheet,this.indicatorStyleSheet.replaceSync(`.${e}{opacity:0;visibility: hidden} .${t} .${e}, .${t}.${e}{opacity:1;visibility: visible;transition: opacity 200ms ease-in}`),document.adoptedStyleSheets.push(this.indicatorStyleSheet)}catch{}}}registerExtension(e,t){return!(this.#s&&!this.#s.split(/,\s*/).includes(e))&&(!this.#n.has(e)&&(this.#n.add(e),t.init&&t.init(this.#o),void Object.entries(t).forEach(([e,t])=>{this.#i.get(e)?.push(t)||this.#i.set(e,[t])})))}#V(e){let t=this.config.prefix;return!e.closest||null!=e.closest("[hx-ignore]")||t&&null!=e.closest(`[${t}ignore]`)}#P(e,t){let r=this.config.prefix;return e.getAttribute(t)??(r?e.getAttribute(t.replace("hx-",r)):null)}#R(e,t){let r=this.config.prefix&&t.replace("hx-",this.config.prefix);return e.hasAttribute(t)?t:r&&e.hasAttribute(r)?r:null}#S(e){return this.#v(e).join(",")}#v(e){let t=[e];return this.config.prefix&&t.push(e.replaceAll("hx-",this.config.prefix)),t}#j(e,t){let r=[...e.querySelectorAll?.(t)??[]];return e.matches?.(t)&&r.unshift(e),r}#B(e){return"before"===e?"beforebegin":"after"===e?"afterend":"prepend"===e?"afterbegin":"append"===e?"beforeend":e}#z(e,t){let r=[];return this.#E(e,t,void 0,(e,t)=>{e?.split(/\s*[,:]\s*/).includes("this")&&r.push(t)}),r}#E(e,t,r,i,s=this.config.implicitInheritance){t=this.#F(t);let n=this.#F(":inherited"),o=this.#F(":append"),a=this.#P(e,t)??this.#P(e,t+n);if(null!=a)return i?i(a,e):a;let l=CSS.escape(s?t:t+n),h=CSS.escape(t+n+o),c=this.#S(`[${l}],[${h}]`),u=this.#R(e,t+o)??this.#R(e,t+n+o);if(u){let r=e.getAttribute(u),n=e.parentNode?.closest?.(c);if(i&&i(r,e),n){let e=this.#E(n,t,void 0,i,s);return e?(e+","+r).replace(/[{}]/g,""):r}return r}let d=e.parentNode?.closest?.(c);return d?(a=this.#E(d,t,void 0,i),!i&&a&&s&&this.#$(e,"htmx:after:implicitInheritance",{elt:e,name:t,parent:d}),a):r}#w(t){return e.split(t).flatMap(t=>{t=t.replace(/^\s*every\s+(\S+?)\s*(\[[^\]]*\])/,"every$2 $1");let[,r,i]=t.match(/^\s*(\S+\[[^\]]*\]|\S+)\s*(.*?)\s*$/)??[];if(!r)return[];if(/\[[^\]]*$/.test(r))throw"unterminated:"+r;return[{name:r,...e.parse(i)}]})}#A(e,t){let r=this.#E(e,"hx-method"),i=this.#E(e,"hx-action",void 0,void 0,!1);if(!i)for(let t of this.#d){let s=this.#E(e,"hx-"+t,void 0,void 0,!1);if(null!=s){i=s,r=t;break}}return this.#D(e)&&(i||=t.submitter?.getAttribute?.("formAction")||e.getAttribute(e.matches("a")?"href":"action")),r||=t.submitter?.getAttribute?.("formmethod")||e.getAttribute("method")||"GET",{action:i,method:r.toUpperCase()}}#H(e){return e._htmx||(e._htmx={listeners:[],triggerSpecs:[]},e.setAttribute("data-htmx-powered","true")),e._htmx}#W(e){return e._htmx_state||={}}#_(e){if(this.#U(e)&&this.#L(e,"htmx:before:init",{},!0)){let t=this.#H(e);t.initialized=!0,t.eventHandler=this.#Q(e),this.#J(e),this.#L(e,"htmx:after:init",{},!0)}}#Q(e){return async t=>{try{let r=this.#T(e,t);await this.#X(r)}catch(t){this.#L(e,"htmx:error",{error:t})}}}#T(t,r){let{action:i,method:s}=this.#A(t,r),[n,o]=(i||"").split("#"),a=new AbortController,l={sourceElement:t,sourceEvent:r,status:"created",select:this.#E(t,"hx-select"),selectOOB:this.#E(t,"hx-select-oob"),target:this.#E(t,"hx-target"),swap:this.#E(t,"hx-swap")??this.config.defaultSwap,push:this.#E(t,"hx-push-url"),replace:this.#E(t,"hx-replace-url"),transition:this.config.transitions,confirm:this.#E(t,"hx-confirm"),request:{validate:"true"===this.#E(t,"hx-validate",!t.matches("form")||t.noValidate||r.submitter?.formNoValidate?"false":"true",void 0,!1),action:n,anchor:o,method:s,headers:this.#G(t),abort:a.abort.bind(a),credentials:"same-origin",signal:a.signal,mode:this.config.mode}};t._htmx?.boosted&&e.merge(t._htmx.boosted,l),l.target=this.#K(t,l.target),l.target&&(l.request.headers["HX-Target"]=this.#Y(l.target));let h=this.#E(t,"hx-config");return h&&(e.merge(h,l.request),l.request.mode=this.config.mode),l}#Y(e){return`${e.tagName.toLowerCase()}${e.id?"#"+encodeURI(e.id):""}`}#G(e){let t={"HX-Request":"true","HX-Source":this.#Y(e),"HX-Current-URL":location.href,Accept:"text/html"};return this.#D(e)&&(t["HX-Boosted"]="true"),t}#Z(e,t){return this.#q(e,"hx-headers",e=>{for(let r in e)t.request.headers[r]=String(e[r])},{ctx:t})}#K(e,t){return t instanceof Element?t:null!=t?this.#ee(e,t,"hx-target"):this.#D(e)?document.body:e}#D(e){return e?._htmx?.boosted}async#X(e){let t=e.sourceElement,r=e.sourceEvent;if(!t.isConnected)return;if(this.#te(r))return;this.#re(r)&&r.preventDefault();let i=/GET|DELETE/.test(e.request.method),s=i?t.matches("form")?t:null:t.form||t.closest("form"),n=this.#C(t,s,r.submitter,e.request.validate,i);if(!n)return;let o=this.#q(t,"hx-vals",t=>{e.vals=t;for(let e in t)n.set(e,t[e])},{ctx:e});if(o&&await o,e.values)for(let t in e.values)n.delete(t),n.append(t,e.values[t]);let a=this.#Z(t,e);if(a&&await a,Object.assign(e.request,{form:s,submitter:r.submitter,body:n}),!this.#L(t,"htmx:config:request",{ctx:e}))return;if("DIALOG"===e.request.method)return;let l=this.#ie(e.request.action);if(null!=l){let t=Object.fromEntries(e.request.body);return void await this.#k(e.sourceElement,t,l,!1)}if(i){let t=new URL(e.request.action,document.baseURI);for(let r of e.request.body.keys())t.searchParams.delete(r);for(let[r,i]of e.request.body)t.searchParams.append(r,i);t.origin===location.origin?e.request.action=t.pathname+t.search:e.request.action=t.href,e.request.body=null}else"multipart/form-data"!==(this.#E(t,"hx-encoding")??s?.enctype)&&(e.request.body=new URLSearchParams(e.request.body));await this.#se(e)}async#se(e){let t=e.sourceElement,r=this.#ne(t),i=this.#oe(t);this.#ae(t);let s=()=>e.request?.abort?.();if("run"===i.admit(r,()=>this.#se(e),s)){e.status="issuing",e.indicators??=[],e.disabledElements??=[];try{if(e.confirm){if(!await new Promise(r=>{let i={ctx:e,issueRequest:()=>r(!0),dropRequest:()=>r(!1)};if(this.#L(t,"htmx:confirm",i)){let i=this.#ie(e.confirm);r(i?this.#k(t,{ctx:e},i,!0):window.confirm(e.confirm))}}))return}if(this.#le(e),this.#he(e),this.#ce(e),e.fetch||=window.fetch.bind(window),e.request.headers["HX-Request-Type"]=e.target===document.body||e.select?"full":"partial",!this.#L(t,"htmx:before:request",{ctx:e}))return;let r=await e.fetch(e.request.action,e.request);if(e.response={raw:r,status:r.status,headers:r.headers},this.#ue(e),!this.#L(t,"htmx:before:response",{ctx:e}))return;if(e.text=await r.text(),!this.#L(t,"htmx:after:request",{ctx:e}))return;if(e.response.status>=400&&this.#L(t,"htmx:response:error",{ctx:e}),this.#de(e))return void(e.keepIndicators=!0);if("issuing"===e.status){if(e.hx.retarget&&(e.target=e.hx.retarget),e.hx.reswap&&(e.swap=e.hx.reswap),e.hx.reselect&&(e.select=e.hx.reselect),!1===e.target?.isConnected)return;e.status="response received",this.#fe(e),await this.swap(e),e.status="swapped"}}catch(r){e.status="error: "+r,"AbortError"===r?.name&&"timeout"!==e.request.signal.reason||this.#L(t,"htmx:error",{ctx:e,error:r})}finally{await(e.extensionPromise?.catch(()=>{})),clearTimeout(e.requestTimeout),e.hx?.trigger&&this.#me(e.hx.trigger,e.sourceElement),this.#L(t,"htmx:finally:request",{ctx:e}),e.keepIndicators||(this.#pe(e.indicators),this.#ge(e.disabledElements)),i.continue(s)}}}#ue(e){e.hx={};for(let[t,r]of e.response.raw.headers)t.toLowerCase().startsWith("hx-")&&(e.hx[t.slice(3).toLowerCase().replace(/-/g,"")]=r)}#de(t){if("true"===t.hx.refresh)return this._loc.reload(),!0;if(t.hx.redirect)return this._loc.href=t.hx.redirect,!0;if(t.hx.location){let r=t.hx.location,i={},s=e.parse(r);return"{"!==r[0]&&null==s.path||(i=s,r=i.path,delete i.path),null==i.push&&null==i.replace&&(i.push="true"),i.indicators=t.indicators,i.disabledElements=t.disabledElements,this.ajax("GET",r,i),!0}}#le(e){let t=null!=e.request.timeout?this.parseInterval(e.request.timeout):this.config.defaultTimeout;t&&(e.requestTimeout=setTimeout(()=>e.request?.abort?.("timeout"),t))}#ne(e){let t=this.#E(e,"hx-sync");if(!t)return"queue first";let r=t.split(":").pop().trim();return/^(drop|abort|replace|queue)/.test(r)?r:"queue first"}#oe(e){let r=this.#E(e,"hx-sync"),i=e;if(r){let t=r.includes(":")?r.slice(0,r.lastIndexOf(":")).trim():/^(drop|abort|replace|queue)/.test(r)?null:r;t&&(i=this.#ee(e,t,"hx-sync")||e)}return this.#W(i).rq||=new t}#te(e){return"click"===e.type&&(e.ctrlKey||e.metaKey||e.shiftKey)&&!!e.currentTarget?.closest?.("a[href]")}#re(e){let t=e.currentTarget;if("submit"===e.type&&"FORM"===t?.tagName)return!0;if(!("click"===e.type&&0===e.button))return!1;let r=t?.closest?.('button, input[type="submit"], input[type="image"]'),i=r?.form||r?.closest("form");if(r&&!r.disabled&&i&&("submit"===r.type||"image"===r.type||!r.type&&"BUTTON"===r.tagName))return!0;let s=t?.closest?.("a");if(!s||!s.href)return!1;let n=s.getAttribute("href");return!(n&&n.startsWith("#")&&n.length>1)}#J(e,t=e._htmx.eventHandler){let r=this.#E(e,"hx-trigger",void 0,void 0,!1)||(e.matches("form")?"submit":e.matches("input:not([type=button]):not([type=submit]),select,textarea")?"change":"click");this.#O(e,r,t)}#O(e,t,r){let i=this.#w(t);this.#H(e).triggerSpecs.push(...i);for(let t of i){t.listeners=[];let[i,s]=this.#xe(t.name),n=[e];"outside"===t.from?n=[document]:t.from&&"self"!==t.from&&(n=this.#be(e,t.from));let o=i=>{if((t.halt||t.prevent)&&i.preventDefault(),(t.halt||t.stop||t.consume)&&i.stopPropagation(),t.changed){let t=this.#W(e).changedValues??=new WeakMap,r=i.target;if(!["checkbox","radio"].includes(r?.type)){let e=r?.value;if(t.has(r)&&t.get(r)===e)return;t.set(r,e)}}if(t.once)for(let e of t.listeners)e.fromElt.removeEventListener(e.eventName,e.handler,e);r(i)},a=o;if(t.delay?a=e=>{clearTimeout(t.timeout),t.timeout=setTimeout(()=>o(e),this.parseInterval(t.delay))}:t.throttle&&(a=e=>{t.throttled?t.throttledEvent=e:(t.throttled=!0,o(e),t.throttleTimeout=setTimeout(()=>{if(t.throttled=!1,t.throttledEvent){let e=t.throttledEvent;t.throttledEvent=null,a(e)}},this.parseInterval(t.throttle)))}),t.handler=r=>{if(this.#re(r)&&r.preventDefault(),("self"!==t.from||r.target===e)&&("outside"!==t.from||!e.contains(r.target))&&(!t.target||r.target?.matches?.(t.target))){if(s){let t={};for(let e in r)/^[a-z]+$/i.test(e)&&(t[e]=r[e]);if(!this.#k(e,t,s,!0,!1))return}if("every"!==i)for(let t of this.#H(e).triggerSpecs)clearTimeout(t.timeout),t.throttledEvent=null;a(r)}},"intersect"===i||"revealed"===i){let r={rootMargin:t.rootMargin};t.root&&(r.root=this.#ee(e,t.root)),t.threshold&&(r.threshold=parseFloat(t.threshold));let s="revealed"===i;t.observer=new IntersectionObserver(e=>{for(let r=0;r<e.length;r++)if(e[r].isIntersecting){this.trigger(e[r].target,"intersect",{},!1),s&&t.observer.disconnect();break}},r),i="intersect";for(let e of n)t.observer.observe(e)}if("every"===i){let r=Object.keys(t).find(e=>"name"!==e);t.interval=setInterval(()=>{e.isConnected?this.#L(e,"every",{},!1):clearInterval(t.interval)},this.parseInterval(r))}if("load"!==i)for(let r of n){let s={fromElt:r,eventName:i,handler:t.handler,capture:!!t.capture,passive:!!t.passive};e._htmx.listeners.push(s),t.listeners.push(s),r.addEventListener(i,t.handler,s)}else t.handler(new CustomEvent("load"))}}#xe(e){let t=e.match(/^([^\[]*)\[([^\]]*)]/);return t?[t[1],t[2]]:[e,null]}#me(t,r){if("{"===t[0]){let i=e.parse(t);for(let e in i){let t=i[e],s=r;t?.target&&(s=this.find(t.target)),this.trigger(s,e,"object"==typeof t?t:{value:t})}}else t.split(",").forEach(e=>this.trigger(r,e.trim(),{}))}#ye(e){let t={},r=Object.getPrototypeOf(this);for(let i of Object.getOwnPropertyNames(r))"constructor"!==i&&"function"==typeof this[i]&&(["find","findAll"].includes(i)?t[i]=(t,r)=>void 0===r?this[i](e,t):this[i](t,r):t[i]=this[i].bind(this));return t}#k(e,t,r,i=!0,s=!0,n=!1){let o={};Object.assign(o,this.#ye(e));let a={},l={scope:a,code:r};this.#$(e,"htmx:scope",l),r=l.code,Object.assign(o,a),Object.assign(o,t);let h=Object.keys(o),c=Object.values(o),u=new(s?this.#l:this.#a)(...h,i?`return (${r})`:r);return n?()=>u.call(e,...c):u.call(e,...c)}process(e,t){if(!e?.isConnected)return;if(!(e instanceof Element)){for(let r of e.children||[])this.process(r,t);return}if(t&&this.#Se(e,!0),this.#V(e))return;if(!this.#L(e,"htmx:before:process"))return;let r=[e],i=this.#f.evaluate(e),s=null;for(;s=i.iterateNext();)r.push(s);for(let e of r)!this.#V(e)&&this.#L(e,"htmx:before:on:init",{},!0)&&this.#ve(e);for(let t of this.#j(e,this.#c))this.#_(t);for(let t of this.#j(e,this.#u))this.#Ee(t);this.#L(e,"htmx:after:process")}#Ee(e){let t=this.#E(e,"hx-boost");if(t&&"false"!==t&&this.#we(e)&&this.#L(e,"htmx:before:init",{},!0)){let r=this.#H(e);r.initialized=!0,r.eventHandler=this.#Q(e),r.boosted=t,this.#J(e),this.#L(e,"htmx:after:init",{},!0)}}#we(e){if(this.#U(e))if("A"===e.tagName){if(""===e.target||"_self"===e.target)return!e.hasAttribute("download")&&!e.getAttribute("href")?.startsWith?.("#")&&this.#Ae(e.href)}else if("FORM"===e.tagName)return"dialog"!==e.method&&this.#Ae(e.action)}#Ae(e){try{return new URL(e,window.location.href).origin===window.location.origin}catch(e){return!1}}#U(e){return!e._htmx?.initialized&&!this.#V(e)}#Se(e,t){let r=[e,...e.querySelectorAll?.("[data-htmx-powered]")??[]];for(let e of r)if(e._htmx){this.#L(e,"htmx:before:cleanup");for(let t of e._htmx.triggerSpecs||[])t.interval&&clearInterval(t.interval),t.timeout&&clearTimeout(t.timeout),t.throttleTimeout&&clearTimeout(t.throttleTimeout),t.observer?.disconnect();for(let t of e._htmx.listeners||[])t.fromElt.removeEventListener(t.eventName,t.handler,t);e.removeAttribute("data-htmx-powered"),this.#L(e,"htmx:after:cleanup"),t&&delete e._htmx}}#Te(e){let t=document.createElement("div");t.hidden=!0,document.body.insertAdjacentElement("afterend",t);let r=e.querySelectorAll?.(this.#S("[hx-preserve]"))||[];for(let e of r){let r=document.getElementById(e.id);r&&this.#Ce(t,r,null)}return t}#qe(e){for(let t of[...e.children]){let e=document.getElementById(t.id);e&&(this.#Ce(e.parentNode,t,e),this.#Se(e),e.remove())}e.remove()}#Ne(e){let t=this.#h.createHTML(e);return Document.parseHTMLUnsafe?.(t,{})||(new DOMParser).parseFromString(t,"text/html")}#Ie(e){let t=e.replace(/<hx-([a-z]+)(\s+|>)/gi,'<template hx type="$1"$2').replace(/<\/hx-[a-z]+>/gi,"</template>"),r="";t=t.replace(/<head(\s[^>]*)?>[\s\S]*?<\/head>/i,e=>(r=this.#Ne(e).title,""));let i,s,n=t.match(/<([a-z][^\/>\x20\t\r\n\f]*)/i)?.[1]?.toLowerCase();if("html"===n||"body"===n?(i=this.#Ne(t),s=document.createDocumentFragment(),s.append(i.body)):(i=this.#Ne(`<template>${t}</template>`),s=i.querySelector("template").content),!r){let e=s.querySelector("title:not(svg title)");e&&(r=e.textContent,e.remove())}return this.#Me(s),{fragment:s,title:r}}#Oe(e,t,r,i){let s=t.id?"#"+CSS.escape(t.id):null,[,n,o]=r.match(/^(\S+):(.+)/)??[];n&&([r,s]=[n,o||s]),"true"!==r&&r||(r="outerHTML");let a=this.#He(r);if(s=a.target||s,a.strip??=!a.style.startsWith("outer"),!s)return;let l=this.#be(i,s);for(let r of l){let s=document.createDocumentFragment();s.append(t.cloneNode(!0)),e.push({type:"oob",fragment:s,target:r,swapSpec:a,sourceElement:i})}t.remove()}#Le(e,t,r){let i=[];if(r)for(let s of r.split(",")){let[r,n="true"]=s.split(/:(.*)/);for(let s of e.querySelectorAll(r))this.#Oe(i,s,n,t)}for(let r of e.querySelectorAll(this.#S("[hx-swap-oob]"))){let e=this.#R(r,"hx-swap-oob"),s=r.getAttribute(e);r.removeAttribute(e),this.#Oe(i,r,s,t)}return i}#ke(e,t,r){t?t.before(...r.childNodes):e.append(...r.childNodes)}#He(t){t=t.trim();let r=this.config.defaultSwap;if(t&&!/^\S*:/.test(t)){let e=t.match(/^(\S+)\s*(.*)$/);r=e[1],t=e[2]}return{style:this.#B(r),...e.parse(t)}}#Ve(e,t){let r=[];for(let i of e.querySelectorAll("template[hx]")){let e=i.getAttribute("type");if("partial"===e){let e=this.#P(i,"hx-target")||(i.id?"#"+CSS.escape(i.id):null);if(e){this.#Me(i.content);let s=this.#He(this.#P(i,"hx-swap")||this.config.defaultSwap);s.ignoreTitle&&(t.title=null);let n=this.#be(t.sourceElement,e);for(let e of n.length?n:[null])r.push({type:"partial",fragment:i.content.cloneNode(!0),target:e,swapSpec:s,sourceElement:t.sourceElement})}}else this.#$(i,"htmx:process:"+e,{ctx:t,tasks:r});i.remove()}return r}#Pe(e,t,r,i){try{null!=r&&e.setSelectionRange&&e.setSelectionRange(r,i),e.focus(t)}catch(e){}}#Re(e){let t=this.#j(e,"[autofocus]")[0];t&&this.#Pe(t)}#je(e){return e===window||e===document?document.scrollingElement:e}#Be(e,t){if(e.scroll){let r=e.scrollTarget?this.#je(this.#ze(t,e.scrollTarget)):t;r&&("top"===e.scroll?r.scrollTop=0:"bottom"===e.scroll&&(r.scrollTop=r.scrollHeight))}if("top"===e.show||"bottom"===e.show){let r=e.showTarget?this.#je(this.#ze(t,e.showTarget)):t;r?.scrollIntoView?.("top"===e.show)}}#Fe(e){e.request?.anchor&&document.getElementById(e.request.anchor)?.scrollIntoView({block:"start",behavior:"auto"})}#Me(e){let t=this.#j(e,"script");for(let e of t){let t=document.createElement("script");for(let r of e.attributes)t.setAttribute(r.name,r.value);this.config.inlineScriptNonce&&(t.nonce=this.config.inlineScriptNonce),t.textContent=this.#h.createScript(e.textContent),e.replaceWith(t)}}initialize(){this.config.history&&!this.#g&&(this.#g=!0,window.navigation&&!/firefox/i.test(navigator.userAgent)?navigation.addEventListener("navigate",e=>{"traverse"===e.navigationType&&e.canIntercept&&!e.hashChange&&e.intercept({handler:()=>this.#$e()})}):window.addEventListener("popstate",e=>this.#$e(e.state))),this.process(document.body)}async swap(e){try{let{fragment:t,title:r}=this.#Ie(e.text);e.title=r;let i=[],s=this.#Le(t,e.sourceElement,e.selectOOB),n=this.#Ve(t,e);i.push(...s,...n);let o=n.length||s.length&&!this.config.allowEmptySwapAfterOOB,a=this.#De(e,t,o);if(a&&i.unshift(a),!this.#L(e.sourceElement,"htmx:before:swap",{ctx:e,tasks:i}))return;this.#We(e);let l=[],h=[];for(let t of i)t.swapSpec?.transition??a?.transition??e.transition?h.push(t):l.push(this.#N(t));if(h.length>0){let t=async()=>{for(let e of h)await this.#N(e,!1)};l.push(this.#_e(t,e))}await Promise.all(l),!e.sourceElement?.isConnected&&a?.target?.isConnected&&(e.sourceElement=a.target),this.#L(e.sourceElement,"htmx:after:swap",{ctx:e}),e.title&&"none"!==e.swap&&(document.title=e.title),this.#Fe(e)}finally{this.#L(e.sourceElement,"htmx:finally:swap",{ctx:e})}}#De(e,t,r){let i=this.#He(e.swap||this.config.defaultSwap);if(i.ignoreTitle&&(e.title=null),"delete"===i.style||(t.querySelector("body")||t).childElementCount>0||t.textContent.trim()||(i.swapEmpty??!r)){if(e.select){let r=t.querySelectorAll(e.select);(t=document.createDocumentFragment()).append(...r)}return this.#D(e.sourceElement)&&(i.show||="top"),{type:"main",fragment:t,target:this.#K(e.sourceElement||document.body,i.target||e.target),swapSpec:i,sourceElement:e.sourceElement,transition:e.transition&&!1!==i.transition}}}async#N(e,t=!0){let{target:r,swapSpec:i,fragment:s}=e;if("string"==typeof r&&(r=document.querySelector(r)),!r)return;"string"==typeof i&&(i=this.#He(i));let n,o=i.style;if("none"===o)return;if("BODY"===s.firstElementChild?.tagName){const e=r===document.body&&o.startsWith("outer");e&&"outerHTML"===o&&(o="outerSync"),i.strip??=!e}if(i.strip&&s.firstElementChild&&(s=document.createDocumentFragment(),s.append(...(e.fragment.firstElementChild.content||e.fragment.firstElementChild).childNodes)),this.#Ue(r,"htmx-swapping"),t&&e.swapSpec?.swap&&await this.timeout(e.swapSpec?.swap),"delete"===o)return void(r.parentNode&&(this.#Se(r),r.parentNode.removeChild(r)));let a=[],l=i.settle??this.config.defaultSettleDelay,h=r.parentNode;if("innerHTML"===o||"outerHTML"===o&&h){let e=document.activeElement;if(e?.id){let t,r;try{t=e.selectionStart,r=e.selectionEnd}catch(e){}n={elt:e,start:t,end:r}}a=t&&l?this.#Qe(s,r):[]}let c=this.#Te(s),u=[...s.childNodes];try{if("innerHTML"===o){for(const e of r.children)this.#Se(e);r.replaceChildren(...s.childNodes)}else if("textContent"===o){for(const e of r.querySelectorAll("[data-htmx-powered]"))this.#Se(e);r.textContent=s.textContent}else if("outerHTML"===o)h&&(this.#ke(h,r,s),this.#Se(r),h.removeChild(r),r=u.find(e=>1===e.nodeType)||h);else if("outerSync"===o){this.#Je(r,s.firstElementChild);for(const e of r.children)this.#Se(e);r.replaceChildren(...s.firstElementChild.childNodes),u=[r]}else if("innerMorph"===o)this.#I(r,s,!0),u=[...r.childNodes];else if("outerMorph"===o)this.#I(r,s,!1),u.push(r);else if("beforebegin"===o)h&&this.#ke(h,r,s);else if("afterbegin"===o)this.#ke(r,r.firstChild,s);else if("beforeend"===o)this.#ke(r,null,s);else if("afterend"===o)h&&this.#ke(h,r.nextSibling,s);else{let e=this.#i.get("handle_swap")||[],t=!1;for(const n of e){let e=n(o,r,s,i);if(e){t=!0,Array.isArray(e)&&(u=e);break}}if(!t)throw new Error(`Unknown swap style: ${o}`)}}finally{this.#Xe(r,"htmx-swapping")}if(e.target=r,this.#qe(c),n&&!n.elt.matches(":focus")){let e=document.getElementById(n.elt.id);if(e){let t={preventScroll:void 0!==i.focusScroll?!i.focusScroll:!this.config.defaultFocusScroll};this.#Pe(e,t,n.start,n.end)}}this.#L(r,"htmx:before:settle",{task:e,newContent:u,settleTasks:a});for(const e of u)this.#Ue(e,"htmx-added");if(t&&a.length>0){this.#Ue(r,"htmx-settling"),await this.timeout(l);for(let e of a)e();this.#Xe(r,"htmx-settling")}this.#L(r,"htmx:after:settle",{task:e,newContent:u,settleTasks:a});for(const e of u)this.#Xe(e,"htmx-added"),this.process(e),this.#Re(e);this.#Be(i,r)}#L(e,t,r={},i=!0){if(r.error){let i=`htmx: ${t}: ${r.error.message??r.error}`;r.error instanceof Error?console.error(i,r.error,{elt:e,detail:r}):console.error(i,{elt:e,detail:r})}else r.warn?console.warn(`htmx: ${t}: ${r.warn}`,{elt:e,detail:r}):this.config.logAll&&console.log(`htmx: ${t}`,{elt:e,detail:r});return e=this.#Ge(e),this.#$(e,t,r),this.trigger(e,this.#F(t),r,i)}#$(e,t,r={}){let i=this.#i.get(t.replace(/:/g,"_"));if(i){r.cancelled=!1;for(const t of i)if(!1===t(e,r)||r.cancelled)return r.cancelled=!0,!1}return!0}timeout(e){if((e=this.parseInterval(e))>0)return new Promise(t=>setTimeout(t,e))}onLoad(e){this.on(this.#F("htmx:after:process"),t=>{e(t.target)})}on(e,t,r){let i,s=document;return void 0===r?(i=e,r=t):(s=this.#Ge(e),i=t),s.addEventListener(i,r),r}find(e,t){return this.#ze(e,t)}findAll(e,t){return this.#be(e,t)}parseInterval(e){if("number"==typeof e)return e;let[,t,r]=e?.match(/^([\d.]+)(ms|s|m)?$/)||[],i=parseFloat(t)*({ms:1,s:1e3,m:6e4}[r]||1);return isNaN(i)?void 0:i}trigger(e,t,r={},i=!0){e=this.#Ge(e);let s=new CustomEvent(t,{detail:r,cancelable:!0,bubbles:i,composed:!0}),n=e?.isConnected?e:document;return!r?.cancelled&&n.dispatchEvent(s)}ajax(e,t,r){(!r||r instanceof Element||"string"==typeof r)&&(r={target:r});let i="string"==typeof r.source?document.querySelector(r.source):r.source;if("string"==typeof r.source&&!i)return Promise.reject(new Error("Source not found"));i||=document.body;let s=this.#T(i,r.event||{});return Object.assign(s,r),r.target&&(s.target=this.#K(document.body,r.target),!s.target)?Promise.reject(new Error("Target not found")):(Object.assign(s.request,{action:t,method:e.toUpperCase()}),r.headers&&Object.assign(s.request.headers,r.headers),this.#X(s))}#Ke(e){this.config.history&&(history.pushState({htmx:!0},"",e),this.#L(document,"htmx:after:history:push",{path:e}))}#Ye(e){this.config.history&&(history.replaceState({htmx:!0},"",e),this.#L(document,"htmx:after:history:replace",{path:e}))}async#$e(e,t){if(await this.timeout(1),e??=history.state,!e?.htmx)return;this.#p?.abort(),t=t||location.pathname+location.search;let r=document.querySelector(this.#S("[hx-history-elt]"))||document.body;if(this.#L(document,"htmx:before:history:restore",{path:t,cacheMiss:!0})){if("reload"!==this.config.history)return this.#p=new AbortController,this.ajax("GET",t,{target:r,swap:"outerSync",select:r!==document.body?this.#S("[hx-history-elt]"):void 0,request:{headers:{"HX-History-Restore-Request":"true"},signal:this.#p.signal}});this._loc.reload()}}#Ze(e){let{sourceElement:t,push:r,replace:i,hx:s,response:n}=e;if((s?.pushurl||s?.replaceurl)&&(r=s.pushurl,i=s.replaceurl),null==r&&null==i&&this.#D(t)&&(r="true"),"false"!==r&&!1!==r||(r=null),"false"!==i&&!1!==i||(i=null),!r&&!i)return null;let o=r||i;if("true"===o){let t=n?.raw?.url||e.request.action,r=new URL(t,location.href);o=r.pathname+r.search+(e.request.anchor?"#"+e.request.anchor:"")}return{type:r?"push":"replace",path:o}}#We(e){if(!this.config.history)return;history.state?.htmx||history.replaceState({htmx:!0},"",location.href);let t=this.#Ze(e);if(!t)return;let r={history:t,sourceElement:e.sourceElement,response:e.response};this.#L(document,"htmx:before:history:update",r)&&("push"===t.type?this.#Ke(t.path):this.#Ye(t.path),this.#L(document,"htmx:after:history:update",r))}#ve(e){if(e._htmx?.onInitialized)return;let t=this.#v("hx-on"),r=this.config.metaCharacter||":",i=t=>async r=>{try{await this.#k(e,{event:r},`with(event?.detail||{}){${t}}`,!1)}catch(t){"symbol"!=typeof t&&this.#L(e,"htmx:error",{error:t})}};for(let s of e.getAttributeNames()){let n=t.find(e=>s.startsWith(e));if(!n)continue;this.#H(e).onInitialized=!0;let o=s.substring(n.length),a=e.getAttribute(s);if(!o){for(let t of a.split(/;(?=[^;]*->)/)){let r=t.indexOf("->");-1!==r&&this.#O(e,t.substring(0,r).trim(),i(t.substring(r+2).trim()))}continue}if(o[0]!==r)continue;let l=o.substring(1);l.startsWith(r)&&(l="htmx"+r+l.substring(1)),this.#O(e,l,i(a))}}#he(e){let t,r=e.sourceElement,i=this.#E(r,"hx-indicator");if(i)t=this.#be(r,i,"hx-indicator");else{if(r===document.body)return;t=[r]}for(const r of t){e.indicators.push(r);let t=this.#W(r);t.rc=(t.rc||0)+1,this.#Ue(r,this.config.requestClass)}}#pe(e){for(let t of e){let e=this.#W(t);e.rc&&--e.rc<=0&&(this.#Xe(t,this.config.requestClass),delete e.rc)}}#ce(e){let t=e.sourceElement,r=this.#E(t,"hx-disable");if(r)for(let i of this.#be(t,r,"hx-disable")){e.disabledElements.push(i);let t=this.#W(i);t.dc=(t.dc||0)+1,i.disabled=!0}}#ge(e){for(const t of e){let e=this.#W(t);e.dc&&--e.dc<=0&&(t.disabled=!1,delete e.dc)}}#C(e,t,r,i,s){if(i&&t&&!t.reportValidity())return;r??=t&&"submit"===e.type?e:null;let n=t?new FormData(t):new FormData,o=t?new Set(t.elements):new Set;if(!t){if(i&&e.reportValidity&&!e.reportValidity())return;this.#et(e,o,n,s)}r?.name&&(n.append(r.name,r.value),o.add(r));let a=this.#E(e,"hx-include");if(a)for(let t of this.#be(e,a)){if(i&&t.reportValidity&&!t.reportValidity())return;this.#et(t,o,n)}return n}#et(e,t,r,i){let s=e.tagName,n=[];"BUTTON"===s||s.includes("-")?n=[e]:(["INPUT","SELECT","TEXTAREA","FIELDSET"].includes(s)||!i&&e!==document.body)&&(n=this.#j(e,"[name]:not(button)"));for(let e of n){let i=e.name||e.getAttribute?.("name");if(!i||e.matches(":disabled")||t.has(e))continue;t.add(e);let s=e.type;if("checkbox"===s||"radio"===s||"INPUT"!==e.tagName&&"checked"in e)e.checked&&r.append(i,e.value);else if("file"===s)for(let t of e.files)r.append(i,t);else if("select-multiple"===s)for(let t of e.selectedOptions)r.append(i,t.value);else if(Array.isArray(e.value))for(let t of e.value)r.append(i,t);else r.append(i,e.value)}}#q(t,r,i,s={}){let n=this.#E(t,r);if(!n)return null;let o=this.#ie(n);if(o)return 0!==o.indexOf("{")&&(o="{"+o+"}"),this.#k(t,s,o,!0).then(e=>{i(e)});i(e.parse(n))}#tt(e){let t=e.trim();return t.startsWith("<")&&t.endsWith("/>")?t.slice(1,-2):t}#be(t,r,i,s){let n=r??t,o=r?this.#Ge(t)||document.body:document;if(n.startsWith("global "))return this.#be(o,n.slice(7),i,!0);let a=n?e.split(n):[],l=[],h=[];for(const e of a){let t,r=this.#tt(e);if(r.startsWith("closest "))t=o.closest(r.slice(8));else if(r.startsWith("find "))t=o.querySelector(r.slice(5));else if(r.startsWith("findAll "))l.push(...o.querySelectorAll(r.slice(8)));else if("next"===r||"nextElementSibling"===r)t=o.nextElementSibling;else if(r.startsWith("next "))t=this.#rt(o,r.slice(5),!!s);else if("previous"===r||"previousElementSibling"===r)t=o.previousElementSibling;else if(r.startsWith("previous "))t=this.#it(o,r.slice(9),!!s);else if("document"===r)t=document;else if("window"===r)t=window;else if("body"===r)t=document.body;else if("host"===r)t=o.getRootNode().host;else if("this"===r){if(i){l.push(...this.#z(o,i));continue}t=o}else h.push(r);t&&l.push(t)}if(h.length>0){let e=h.join(","),t=this.#st(o,!!s);l.push(...t.querySelectorAll(e))}return[...new Set(l)]}#rt(e,t,r){return this.#nt(this.#st(e,r).querySelectorAll(t),e,Node.DOCUMENT_POSITION_PRECEDING)}#it(e,t,r){let i=[...this.#st(e,r).querySelectorAll(t)].reverse();return this.#nt(i,e,Node.DOCUMENT_POSITION_FOLLOWING)}#nt(e,t,r){for(const i of e)if(i.compareDocumentPosition(t)===r)return i}#st(e,t){return e.isConnected&&e.getRootNode?e.getRootNode?.({composed:t}):document}#ee(e,t,r){let i=this.#be(e,t,r)[0];return i||console.warn(`htmx: '${t}' on ${r} did not match any element`,{elt:e,selector:t,attr:r}),i}#ze(e,t,r){return this.#be(e,t,r)[0]}#ie(e){if(null!=e){if(e.startsWith("js:"))return e.substring(3);if(e.startsWith("javascript:"))return e.substring(11)}}#ae(e){let t=this.#H(e);if(t.abortInitialized)return;t.abortInitialized=!0;let r=()=>{this.#oe(e).abort()};e.addEventListener("htmx:abort",r),t.listeners.push({fromElt:e,eventName:"htmx:abort",handler:r})}#I(e,t,r){let{persistentIds:i,idMap:s}=this.#ot(e,t),n=document.createElement("div");n.hidden=!0,document.body.after(n);let o={target:e,idMap:s,persistentIds:i,pantry:n,futureMatches:new WeakSet};r?this.#at(o,e,t):this.#at(o,e.parentNode,t,e,e.nextSibling),this.#Se(n),n.remove()}#at(e,t,r,i=null,s=null){t instanceof HTMLTemplateElement&&r instanceof HTMLTemplateElement&&(t=t.content,r=r.content),i||=t.firstChild;let n=r.firstChild;for(;n;){let r;if(i&&i!=s&&(r=this.#lt(e,n,i,s),r&&r!==i)){let o=i;for(;o&&o!==r;){let r=o;o=o.nextSibling,r instanceof Element&&(e.idMap.has(r)||this.#ht(e,r,n))?this.#Ce(t,r,s):this.#ct(e,r)}}if(!r&&n instanceof Element&&e.persistentIds.has(n.id)){let s=CSS.escape(n.id);r=e.target.id===n.id&&e.target||e.target.querySelector(`[id="${s}"]`)||e.pantry.querySelector(`[id="${s}"]`);let o=r;for(;o=o.parentNode;){let t=e.idMap.get(o);t&&(t.delete(r.id),t.size||e.idMap.delete(o))}this.#Ce(t,r,i)}if(r){this.#ut(r,n,e),i=r.nextSibling,n=n.nextSibling;continue}let o=n.nextSibling;if(e.idMap.has(n)){let r=document.createElement(n.tagName);t.insertBefore(r,i),this.#ut(r,n,e),this.process(r),i=r.nextSibling}else t.insertBefore(n,i),i=n.nextSibling;n=o}for(;i&&i!=s;){let t=i;i=i.nextSibling,this.#ct(e,t)}}#ht(e,t,r){if(e.futureMatches.has(t))return!0;for(let i=r.nextSibling,s=0;i&&s<this.config.morphScanLimit;i=i.nextSibling,s++)if(i instanceof Element&&t.isEqualNode(i))return e.futureMatches.add(t),!0;return!1}#lt(e,t,r,i){if(3===t.nodeType)return 3===r?.nodeType?r:null;if(!(t instanceof Element))return null;let s=null,n=0,o=this.config.morphScanLimit,a=e.idMap.get(t),l=a?.size||0;if(t.id&&!a)return null;let h=r;for(;h&&h!=i;){let r=e.idMap.get(h);if(this.#o.isSoftMatch(h,t)){if(r&&a&&[...r].some(e=>a.has(e)))return h;if(!r){if(o>0&&h.isEqualNode(t))return h;s||(s=h)}}if(n+=r?.size||0,n>l)break;if(null!=document.activeElement?.selectionStart&&h.contains(document.activeElement))break;if(--o<1&&0===l)break;h=h.nextSibling}return s&&this.#ht(e,s,t)?null:s}#M(e,t){return e instanceof Element&&e.tagName===t.tagName&&(!("SCRIPT"===e.tagName&&!e.isEqualNode(t))&&(!e.id||e.id===t.id))}#ct(e,t){e.idMap.has(t)?this.#Ce(e.pantry,t,null):(this.#Se(t),t.remove())}#Ce(e,t,r){if(e.moveBefore)try{return void e.moveBefore(t,r)}catch(e){}e.insertBefore(t,r)}#ut(e,t,r){if(3===e.nodeType)return void(e.nodeValue!==t.nodeValue&&(e.nodeValue=t.nodeValue));if(this.config.morphSkip&&e.matches?.(this.config.morphSkip))return;if(!this.#$(e,"htmx:before:morph:node",{oldNode:e,newNode:t}))return;this.#Je(e,t),e instanceof HTMLTextAreaElement&&document.activeElement!==e&&e.defaultValue!=t.defaultValue&&(e.value=t.value),this.config.morphSkipChildren&&e.matches?.(this.config.morphSkipChildren)||e.isEqualNode(t)&&"TEMPLATE"!==t.tagName&&!t.querySelector?.("template")||this.#at(r,e,t)}#Je(e,t){let r=this.config.morphIgnore||[],i=!1,s=e=>this.#v("hx-").some(t=>e.startsWith(t));for(const n of t.attributes)if(!r.some(e=>n.name.startsWith(e))&&e.getAttribute(n.name)!==n.value){if(s(n.name)&&(i=!0),!this.#$(e,"htmx:before:morph:attr",{attrName:n.name,newValue:n.value}))continue;e.setAttribute(n.name,n.value),"value"===n.name&&e instanceof HTMLInputElement&&"file"!==e.type&&document.activeElement!==e&&(e.value=n.value)}for(let n=e.attributes.length-1;n>=0;n--){let o=e.attributes[n];if(o&&!t.hasAttribute(o.name)&&!r.some(e=>o.name.startsWith(e))){if(s(o.name)&&(i=!0),!this.#$(e,"htmx:before:morph:attr",{attrName:o.name,newValue:null}))continue;e.removeAttribute(o.name)}}i&&this.#Se(e,!0)}#dt(e,t,r,i){for(const s of i)if(t.has(s.id)){let t=s;for(;t&&t!==r;){let r=e.get(t);null==r&&(r=new Set,e.set(t,r)),r.add(s.id),t=t.parentElement}}}#ot(e,t){let r=this.#j(e,"[id]"),i=t.querySelectorAll("[id]"),s=this.#ft(r,i),n=new Map;return this.#dt(n,s,e.parentElement,r),this.#dt(n,s,t,i),{persistentIds:s,idMap:n}}#ft(e,t){let r=new Set,i=new Map;for(const{id:t,tagName:s}of e)i.has(t)?r.add(t):t&&i.set(t,s);let s=new Set;for(const{id:e,tagName:n}of t)s.has(e)?r.add(e):i.get(e)===n&&s.add(e);for(const e of r)s.delete(e);return s}#fe(t){let r=t.response.raw.status,i=this.config.noSwap.map(e=>e+""),s=r+"";for(let r of[s,s.slice(0,2)+"x",s[0]+"xx"]){if(i.includes(r))return void(t.swap="none");let s=this.#E(t.sourceElement,"hx-status:"+r);if(s)return void e.merge(s,t)}}#_e(e,t){return new Promise(r=>{this.#m||=[],this.#m.push({task:e,resolve:r,ctx:t}),this.#x||this.#mt()})}async#mt(){if(0===this.#m.length||this.#x)return;this.#x=!0;let{task:e,resolve:t,ctx:r}=this.#m.shift();try{if(document.startViewTransition){let t={task:e,ctx:r};this.#L(r.sourceElement,"htmx:before:viewTransition",t),await document.startViewTransition(t.task).finished,this.#L(r.sourceElement,"htmx:after:viewTransition",t)}else await e()}catch(e){}finally{this.#x=!1,t(),this.#mt()}}#Qe(e,t){let r=["class","style","width","height"],i=t.querySelectorAll("[id]"),s=Object.fromEntries([...i].map(e=>[e.id,e])),n=e.querySelectorAll("[id]"),o=[];for(let e of n){let t=s[e.id];if(t?.tagName===e.tagName){let i=e.cloneNode(!1);for(let i of r)t.hasAttribute(i)?e.setAttribute(i,t.getAttribute(i)):e.removeAttribute(i);o.push(()=>{this.#Je(e,i)})}}return o}#Ue(e,t){e?.classList?.add?.(t)}#Xe(e,t){e?.classList?.remove?.(t),0===e?.classList?.length&&e.removeAttribute("class")}#Ge(e){return"string"==typeof e?this.find(e):e}#F(e){return this.config.metaCharacter?e.replace(/:/g,this.config.metaCharacter):e}}})();
;
/* vendor/hx-sse-4.0.1.min.js */
(()=>{let e,t=new Set;function n(t){let n=null!=e.attributeValue(t,"hx-sse:connect"),r=e.HCON.parse(e.attributeValue(t,"hx-config")).sse||{};return{reconnect:n,reconnectDelay:500,reconnectMaxDelay:6e4,reconnectMaxAttempts:1/0,reconnectJitter:.3,connectTimeout:htmx.config.defaultTimeout,pauseOnBackground:n,releaseOn:n?"immediate":"end",...htmx.config.sse,...r}}function r(e){for(let t of Object.keys(e))"last-event-id"===t.toLowerCase()&&delete e[t]}async function*s(e){let t=e.reader,n=e.lastEventId,r=new TextDecoder,s="",a=!1,i=!1,o={data:"",event:"",retry:null},c=!0;try{for(;;){let{done:e,value:l}=await t.read();if(e)break;let m=r.decode(l,{stream:!0});c&&(65279===m.charCodeAt(0)&&(m=m.slice(1)),c=!1),s+=m;let u=s.split(/\r\n|\r|\n/);s=u.pop()||"";for(let e of u){if(!e){(a||i||o.event)&&(yield{...o,id:n,hasData:a,hasId:i}),a=!1,i=!1,o={data:"",event:"",retry:null};continue}let t,r,s=e.indexOf(":");if(0!==s)if(s<0?(t=e,r=""):(t=e.slice(0,s),r=e.slice(s+1)," "===r[0]&&(r=r.slice(1))),"data"===t)o.data+=(a?"\n":"")+r,a=!0;else if("event"===t)o.event=r;else if("id"===t)r.includes("\0")||(n=r,i=!0);else if("retry"===t){let e=parseInt(r,10);isNaN(e)||(o.retry=e)}}}}finally{t.releaseLock(),e.reader=null}}function a(t,n){let r=t?._htmx?.sse;r&&(r.reader?.cancel?.(),r.abortController?.abort(),r.delayCanceller&&r.delayCanceller(),r.visibilityHandler&&document.removeEventListener("visibilitychange",r.visibilityHandler),e.triggerHtmxEvent(t,"htmx:sse:close",{connection:r,reason:n||"cleanup"}),delete t._htmx.sse)}htmx.registerExtension("sse",{init:t=>{e=t},htmx_config_request:(e,{ctx:t})=>{t.request.headers.Accept=`${t.request.headers.Accept??t.request.headers.accept??"text/html"}, text/event-stream`,null!=t.timeout&&(t.request.timeout=t.timeout)},htmx_before_response:(t,i)=>{let o,c=i.ctx,l=c.response.raw.headers.get("Content-Type");if(l?.includes("text/event-stream"))return clearTimeout(c.requestTimeout),c.extensionPromise=new Promise(e=>o=e),async function(t,i){let o=t.sourceElement,c=n(o),l=!1,m=null;function u(){i&&(i(),i=null)}"immediate"===c.releaseOn&&u();let d={url:t.request.action,config:c,abortController:{abort:t.request.abort,signal:t.request.signal},reader:null,lastEventId:"",delayCanceller:null,visibilityHandler:null,attempt:0,cancelled:!1,status:null};e.htmxProp(o).sse=d;let h=!1,x=null;if(c.pauseOnBackground){let e=()=>{document.hidden?(h=!0,d.reader?.cancel()):h&&(h=!1,x&&x())};document.addEventListener("visibilitychange",e),d.visibilityHandler=e}if(d.cancelled=!1,!e.triggerHtmxEvent(o,"htmx:sse:before:connection",{connection:d})||d.cancelled)return void a(o,"cancelled");d.status=t.response.status,e.triggerHtmxEvent(o,"htmx:sse:after:connection",{connection:d});let f=t.response.raw;try{for(;o.isConnected;){if(d.attempt>0){if(h){if(await new Promise(e=>{x=e}),x=null,!o.isConnected)break;d.attempt=1,l=!0}if(!l&&(!c.reconnect||d.attempt>c.reconnectMaxAttempts))break;let n=htmx.parseInterval(c.reconnectDelay)??c.reconnectDelay,s=htmx.parseInterval(c.reconnectMaxDelay)??c.reconnectMaxDelay,a=Math.min(n*Math.pow(2,d.attempt-1),s);if(c.reconnectJitter>0){let e=a*c.reconnectJitter;a=Math.max(0,a+(2*Math.random()-1)*e)}if(d.cancelled=!1,!e.triggerHtmxEvent(o,"htmx:sse:before:connection",{connection:d})||d.cancelled)break;if(await new Promise(e=>{d.delayCanceller=e,setTimeout(e,a)}),d.delayCanceller=null,!o.isConnected)break;let i=new AbortController;d.abortController=i;let m=!1,u=htmx.parseInterval(c.connectTimeout)??c.connectTimeout,g=u>0?setTimeout(()=>{m=!0,i.abort()},u):null;try{r(t.request.headers),d.lastEventId&&(t.request.headers["Last-Event-ID"]=d.lastEventId),f=await fetch(t.request.action,{...t.request,signal:i.signal}),clearTimeout(g)}catch(t){if(clearTimeout(g),i.signal.aborted&&!m)break;e.triggerHtmxEvent(o,"htmx:sse:error",{connection:d,error:t}),l=!1,d.attempt++;continue}if(!f.ok){e.triggerHtmxEvent(o,"htmx:sse:error",{connection:d,error:new Error(`SSE reconnect failed with status ${f.status}`),status:f.status}),l=!1,d.attempt++;continue}d.status=f.status,e.triggerHtmxEvent(o,"htmx:sse:after:connection",{connection:d}),d.attempt=0}l=!1;try{d.reader=f.body.getReader();for await(let n of s(d)){if(!o.isConnected||l)break;if(n.hasId&&(d.lastEventId=n.id,n.id||r(t.request.headers)),!n.hasData&&!n.event)continue;let s=[],a={connection:d,message:{data:n.data,event:n.event,id:n.id},cancelled:!1,waitUntil:e=>s.push(Promise.resolve(e))},i=e.triggerHtmxEvent(o,"htmx:sse:before:message",a);if(await Promise.all(s),i&&!a.cancelled){if(null!=n.retry&&(c.reconnectDelay=n.retry),a.message.event){"hx:release"===a.message.event&&u(),htmx.trigger(o,a.message.event,{data:a.message.data,id:a.message.id}),e.triggerHtmxEvent(o,"htmx:sse:after:message",{connection:d,message:a.message});let t=e.attributeValue(o,"hx-sse:close");if(t&&a.message.event===t)return m="message",void d.reader?.cancel();continue}t.text=a.message.data,t.swap.includes("swapEmpty")||(t.swap+=" swapEmpty:false"),await htmx.swap(t),"first"===c.releaseOn&&u(),e.triggerHtmxEvent(o,"htmx:sse:after:message",{connection:d,message:a.message})}}}catch(t){d.abortController?.signal?.aborted||"AbortError"===t.name||e.triggerHtmxEvent(o,"htmx:sse:error",{connection:d,error:t})}if(!o.isConnected)break;d.attempt++}}finally{u(),a(o,m??(o.isConnected?"ended":"removed"))}}(c,o).catch(n=>{"AbortError"!==n.name&&e.triggerHtmxEvent(t,"htmx:sse:error",{error:n,url:c.request.action})}),!1},htmx_after_process:r=>{let s=htmx.config.metaCharacter||":",a=r=>{!function(e){for(let n of["sse-connect","sse-close","sse-swap"])e.hasAttribute(n)&&!t.has(n)&&("sse-swap"===n?console.warn("htmx: [hx-sse] sse-swap is removed in htmx 4. Unnamed SSE messages are swapped automatically. Named events are dispatched as DOM events."):console.warn(`htmx: [hx-sse] legacy attribute ${n} is deprecated; use hx-sse:${n.slice(4)} instead`),t.add(n))}(r);for(let e of["connect","close"]){let t=`sse-${e}`;if(!r.hasAttribute(t))continue;let n=(htmx.config.prefix||"hx-")+"sse"+s+e;r.hasAttribute(n)||r.setAttribute(n,r.getAttribute(t))}!function(t){let r=e.attributeValue(t,"hx-sse:connect");if(!r)return;if(t._htmx?.sse)return;let s=e.attributeValue(t,"hx-trigger")||"load";e.onTrigger(t,s,()=>{t._htmx?.sse||htmx.ajax("GET",r,{source:t,timeout:n(t).connectTimeout})})}(r)};a(r);let i=`[${CSS.escape("hx-sse"+s+"connect")}]`;htmx.config.prefix&&(i+=`,[${CSS.escape(htmx.config.prefix+"sse"+s+"connect")}]`),r.querySelectorAll(`${i},[sse-connect],[sse-close],[sse-swap]`).forEach(a)},htmx_before_cleanup:e=>{a(e)}})})();
;
/* vendor/hx-upsert-4.0.1.min.js */
(()=>{let e;htmx.registerExtension("upsert",{init:t=>{e=t},htmx_process_upsert:(t,r)=>{let{ctx:i,tasks:n}=r,l={style:"upsert"},s=t.getAttribute("key"),o=t.getAttribute("sort"),p=t.hasAttribute("prepend");s&&(l.key=s),null!==o&&(l.sort=o||!0),p&&(l.prepend=!0),n.push({type:"partial",fragment:t.content.cloneNode(!0),target:e.attributeValue(t,"hx-target"),swapSpec:l,sourceElement:i.sourceElement})},handle_swap:(e,t,r,i)=>{if("upsert"===e){let e=i.key||"id",n="desc"===i.sort,l=t.firstChild,s=t=>t.getAttribute(e)||t.id,o=(e,t)=>{let r=e.localeCompare(t,void 0,{numeric:!0});return n?-r:r};for(let e of Array.from(r.children)){let r=e.id;if(r){let t=document.getElementById(r);if(t){t.replaceWith(e);continue}}let n=s(e);if(!n){i.prepend?t.insertBefore(e,l):t.appendChild(e);continue}let p=!1;for(let r of t.children){let i=s(r);if(i&&o(n,i)<0){t.insertBefore(e,r),p=!0;break}}p||t.appendChild(e)}return!0}return!1}})})();
;
/* src/page.js */
// What the modules share: the page's own facts, and the few words it speaks.
const page = (() => {
  const live = document.getElementById('live');
  const listeners = [];
  const readers = [];
  const drawers = [];
  const leavers = [];
  let pendingChanges = 0;
  let lastSpoken = 0;
  let speakTimer = 0;

  // A leap is more than clocks that are kept right ever differ by.
  const leap = 1000;
  let leapt = 0;
  let was = { wall: Date.now(), steady: performance.now() };
  let told = null;

  // passed counts milliseconds, whatever somebody sets the clock to. The steady
  // clock stands while the machine sleeps, so a leap of the other one ahead of
  // it counts as time that has passed; a leap back counts for nothing.
  function passed() {
    const is = { wall: Date.now(), steady: performance.now() };
    const ahead = (is.wall - was.wall) - (is.steady - was.steady);
    if (ahead > leap) leapt += ahead;
    was = is;
    return is.steady + leapt;
  }

  // now is the time of the server, once that has told it: the clock of a screen
  // on a wall may be a day off. A frame may have waited on its way, so only hello,
  // which answers just now, puts the time back.
  function now() {
    const at = passed();
    return told === null ? Date.now() : told + at;
  }

  function setTime(time, afresh) {
    const lead = Date.parse(time) - passed();
    if (Number.isNaN(lead)) return;
    told = afresh || told === null ? lead : Math.max(told, lead);
  }

  // Wall time is that of the page's zone, never the viewer's.
  function zoned(options) {
    const zone = live?.dataset.zone || undefined;
    return new Intl.DateTimeFormat('en-GB', { timeZone: zone, hourCycle: 'h23', ...options });
  }

  function clock(at = new Date(now()), seconds = false) {
    return zoned({ hour: '2-digit', minute: '2-digit', ...(seconds ? { second: '2-digit' } : {}) }).format(at);
  }

  // localDate is a date of the page's zone as 2006-01-02.
  function localDate(at = new Date(now())) {
    const part = Object.fromEntries(zoned({ year: 'numeric', month: '2-digit', day: '2-digit' })
      .formatToParts(at).map((p) => [p.type, p.value]));
    return `${part.year}-${part.month}-${part.day}`;
  }

  // moment is a clock, with the day when that is not today.
  function moment(at) {
    const day = localDate(at) === localDate() ? '' : `${zoned({ weekday: 'short', day: 'numeric', month: 'short' }).format(at)}, `;
    return day + clock(at);
  }

  // A screen reader hears one summary, at most every five seconds.
  function announceChange() {
    pendingChanges += 1;
    if (speakTimer) return;
    speakTimer = setTimeout(() => {
      const box = document.getElementById('announce');
      const place = live?.dataset.place ? ` in ${live.dataset.place}` : '';
      if (box) box.textContent = `${pendingChanges === 1 ? '1 change' : `${pendingChanges} changes`}${place}`;
      pendingChanges = 0;
      lastSpoken = Date.now();
      speakTimer = 0;
    }, Math.max(200, lastSpoken + 5000 - Date.now()));
  }

  // On a phone the navigation is one line that scrolls.
  const nav = document.querySelector('.nav');
  const here = nav?.querySelector('[aria-current]');
  if (here) nav.scrollLeft = here.offsetLeft - nav.offsetLeft - (nav.clientWidth - here.offsetWidth) / 2;

  // untouched says that nothing of the reader's would be lost with the page.
  function untouched() {
    const fields = [...document.querySelectorAll('input:not([type="hidden"]), textarea')];
    return !document.querySelector('#workbench form') &&
      fields.every((el) => el.value === el.defaultValue && el.checked === el.defaultChecked);
  }

  return {
    live,
    untouched,
    kind: live?.dataset.kind || '',
    passed,
    now,
    setTime,
    clock,
    localDate,
    moment,
    announceChange,
    // onChange calls back whenever content has been swapped or time has passed.
    onChange: (fn) => listeners.push(fn),
    changed: () => listeners.forEach((fn) => fn()),
    // onDrawn calls back before the reader's place in fresh content is found again:
    // what is drawn there takes room.
    onDrawn: (fn) => drawers.push(fn),
    drawn: () => drawers.forEach((fn) => fn()),
    // onSignedOut calls back when the session has ended.
    onSignedOut: (fn) => leavers.push(fn),
    signedOut: () => leavers.forEach((fn) => fn()),
    // onJobs calls back with the set of jobs that a frame of the stream was about.
    onJobs: (fn) => readers.push(fn),
    jobsChanged: (jobs) => readers.forEach((fn) => fn(jobs)),
  };
})();
;
/* src/live.js */
// The stream: which frames are swapped, how fresh the page is, and when to give
// up on a connection. hx-sse swaps only unnamed messages and our facts are
// named for other clients, so their name is cleared here.
const live = (() => {
  const control = new Set(['hello', 'hb', 'resync', 'session-ended', 'unavailable', 'bye']);
  // Facts that change more than one card, or what stands beside the cards: the
  // content is read again.
  const sweeping = new Set(['ImportCompleted', 'AvailabilityChanged', 'ContractorMovedRegion']);
  // Facts about who knows what: nobody has to look at, or be told of, the cards.
  const quiet = new Set(['AwarenessChanged']);
  const amberAfter = 30e3;
  const redAfter = 120e3;
  const silentAfter = 40e3;
  const askEvery = 30e3;

  const el = page.live;
  // asOf is when a copy of the page was right, NaN for a page from the server.
  const asOf = Date.parse(document.documentElement.dataset.asOf);
  const began = page.passed() - (asOf ? Math.max(0, page.now() - asOf) : 0);
  // lastFrame is how fresh the page is, known when the server last had news at
  // all; listening is since when silence counts against the connection, which in
  // a hidden tab it does not. All are on the clock of page.passed.
  const state = { connected: false, ended: false, away: false, degraded: false, delayed: false, greeted: false, hurry: false, outdated: '', asked: -askEvery, copy: asOf > 0, lastFrame: began, known: began, listening: page.passed(), lastCut: -silentAfter };
  // position is where the stream is; floor is what the content already shows.
  let position = el ? after(el.getAttribute('hx-sse:connect')) : '';
  let floor = position;
  let swapping = false;
  let hushed = false;
  let waiting = null;
  let again = false;
  let kept = null;

  function after(url) {
    return new URL(url, location.href).searchParams.get('after') || '';
  }

  function split(id) {
    const [epoch, pos] = String(id).split('-').map(Number);
    return { epoch, pos };
  }

  // covered says whether the content is at least as new as the frame.
  function covered(id) {
    if (!id || !floor) return false;
    const a = split(id);
    const b = split(floor);
    return a.epoch === b.epoch && a.pos <= b.pos;
  }

  function parse(data) {
    try { return JSON.parse(data) || {}; } catch { return {}; }
  }

  // signOut leaves for the page that says why; where the stream has not said
  // it, the server may know better than this.
  function signOut(why = 'signed-out') {
    if (state.ended) return;
    state.ended = true;
    page.signedOut();
    show();
    const target = el.dataset.signin || '/login';
    if (page.kind === 'kiosk') {
      // A wall that was revoked must not hammer the server.
      setTimeout(() => content.leave(target), 5000 + Math.random() * 5000);
      return;
    }
    location.assign(`${target}?${new URLSearchParams({ next: location.pathname + location.search, why })}`);
  }

  // refresh reads the content again; messages wait until it is there. A reading
  // that is under way may be older than what asks now, so another follows it.
  function refresh() {
    again = true;
    waiting ||= readAgain();
    return waiting;
  }

  async function readAgain() {
    try {
      while (again) {
        again = false;
        const fresh = await content.read();
        if (fresh === null) { signOut(); return; }
        await renewContent(fresh);
      }
    } finally { waiting = null; }
  }

  async function renewContent(fresh) {
    try {
      await content.put(fresh);
    } catch (error) {
      // Nobody knows what the page shows now: it starts from nothing.
      console.error(error);
      await content.leave(location.href);
    }
    const now = fresh.getElementById('live');
    const at = after(now.getAttribute('hx-sse:connect'));
    if (at) { floor = at; if (!covered(position)) position = at; }
    el.dataset.date = now.dataset.date;
    page.changed();
  }

  function onHello(data) {
    state.connected = true;
    state.away = false;
    state.degraded = false; // if it is, a heartbeat follows
    state.delayed = false;
    state.asked = -askEvery;
    const mine = document.querySelector('meta[name="build"]')?.content;
    const { build, time } = parse(data);
    page.setTime(time, true);
    page.changed(); // it may be another hour than the screen's clock said
    state.outdated = build && mine && build !== mine ? build : '';
    if (page.kind === 'kiosk') setTimeout(renew, Math.random() * 3000);
  }

  // renew loads the page of a newer server, a reader's when he looks away and
  // nothing of his would be lost.
  function renew() {
    if (!state.outdated || page.kind !== 'kiosk' && !(document.hidden && page.untouched())) return;
    // Once per build: a proxy that serves an old page must not loop.
    if (sessionStorage.getItem('reloaded-for') === state.outdated) return;
    sessionStorage.setItem('reloaded-for', state.outdated);
    content.leave(location.href);
  }

  function onBeat({ degraded, delayed, time }) {
    state.connected = true;
    state.degraded = degraded === true;
    state.delayed = delayed === true;
    page.setTime(time, false);
  }

  function onControl(message, detail) {
    switch (message.event) {
      case 'hello': onHello(message.data); break;
      case 'hb': onBeat(parse(message.data)); break;
      case 'resync': detail.waitUntil(refresh()); break;
      case 'session-ended': signOut(parse(message.data).reason); break;
      case 'unavailable': state.connected = false; state.away = true; break;
      case 'bye':
        state.connected = false;
        if (parse(message.data).reason === 'rights-changed') rights.changed();
        break;
    }
  }

  function onMessage(event) {
    const { message } = event.detail;
    state.lastFrame = page.passed();
    state.copy = false;
    state.greeted = true;
    if (message.id) position = message.id;
    if (control.has(message.event)) onControl(message, event.detail);
    else if (sweeps(message)) event.detail.waitUntil(refresh());
    else if (waiting) event.detail.waitUntil(waiting.then(() => take(message)));
    else take(message);
    show();
  }

  // sweeps says whether a fact is about more than one job: of those that take
  // something back only an import is, and has no card.
  function sweeps(message) {
    return sweeping.has(message.event) || message.event === 'ActionUndone' && !message.data.trim();
  }

  // take lets a fact be swapped, by its name taken away, unless the content
  // shows it already.
  function take(message) {
    if (state.ended || covered(message.id)) return;
    hushed = quiet.has(message.event);
    message.event = '';
    swapping = true;
    kept = content.keep();
  }

  function onSwapped(event) {
    if (!swapping) return;
    swapping = false;
    const jobs = new Set(Array.from(event.detail.message.data.matchAll(/data-job=&#39;([0-9a-zA-Z-]+)/g), (m) => m[1]));
    content.restore(kept);
    if (!hushed) {
      content.mark(jobs);
      page.jobsChanged(jobs);
      page.announceChange();
    }
    page.changed();
  }

  function onError(event) {
    state.connected = false;
    const status = event.detail.status;
    if (status === 401 || status === 403 || status === 404) ask();
    else if (swapping) {
      // The position has moved on already, so the frame is lost: read it all again.
      swapping = false;
      event.detail.connection?.abortController?.abort();
      refresh();
    }
    show();
  }

  // ask reads the page again, now and then: it knows better than the stream
  // whether the reader may still see it.
  function ask() {
    if (page.passed() - state.asked < askEvery) return;
    state.asked = page.passed();
    refresh();
  }

  // hurry ends the pause before the next attempt, or lets it not begin.
  function hurry() {
    state.hurry = true;
    el._htmx?.sse?.delayCanceller?.();
  }

  // resubscribe is for a connection that claims to be open after the network was
  // gone, or the page: it may well be dead.
  function resubscribe() {
    hurry();
    el._htmx?.sse?.reader?.cancel().catch(() => {});
  }

  function onAttempt(event) {
    const { connection } = event.detail;
    if (state.ended) { event.preventDefault(); return; }
    if (connection.attempt > 0) state.connected = false;
    // What answered, and sent no frame at all, was hardly the stream.
    if (connection.attempt === 1 && !state.greeted) ask();
    state.greeted = false;
    if (state.hurry) {
      state.hurry = false;
      setTimeout(() => connection.delayCanceller?.());
    }
    show();
  }

  // clockAt is the time of day at a time of page.passed.
  const clockAt = (at, seconds = false) => page.clock(new Date(page.now() - page.passed() + at), seconds);

  function inWords(age) {
    const s = Math.floor(age / 1000);
    if (s < 120) return `${s} s`;
    const min = Math.floor(s / 60);
    return min < 120 ? `${min} min` : `${Math.floor(min / 60)} h ${min % 60} min`;
  }

  function view(age) {
    if (state.ended) return ['ended', 'Signed out'];
    if (state.copy) return ['stale', `As of ${page.moment(new Date(asOf))}`];
    if (age >= redAfter || age >= amberAfter) {
      return [age >= redAfter ? 'lost' : 'stale', `Stale since ${clockAt(state.lastFrame)}`];
    }
    if (state.away || state.degraded) return ['degraded', `No news since ${clockAt(state.known)}`];
    if (!state.connected) return ['reconnecting', 'Reconnecting…'];
    if (state.delayed) return ['degraded', 'Live updates delayed'];
    return ['live', 'Live'];
  }

  // warn says over the whole page that the server lives and its database does not,
  // or that what is saved is not shown yet.
  function warn() {
    const trouble = !state.ended && (state.away || state.degraded);
    const late = !state.ended && !trouble && state.delayed;
    if (!trouble && !late) state.known = state.lastFrame;
    say('trouble', trouble);
    say('delayed', late);
  }

  function say(id, so) {
    const bar = document.getElementById(id);
    if (!bar || bar.hidden !== so) return;
    document.getElementById(`${id}-since`).textContent = clockAt(state.known);
    bar.hidden = !so;
  }

  function show() {
    warn();
    const box = document.getElementById('state');
    const label = document.getElementById('state-text');
    if (!box || !label) return;
    const age = page.passed() - state.lastFrame;
    const [name, words] = view(age);
    // Unchanged text is not written again: it would be read out again.
    if (box.dataset.state !== name) box.dataset.state = name;
    if (label.textContent !== words) label.textContent = words;
    if (document.documentElement.dataset.link !== name) document.documentElement.dataset.link = name;
    const tick = document.getElementById('state-clock');
    if (tick) tick.textContent = age >= amberAfter ? `no news for ${inWords(age)}` : clockAt(state.lastFrame, true);
  }

  // A server that hangs, or a network that is gone without a word, never ends
  // the read: cut it, and hx-sse connects again.
  function watch() {
    if (state.ended || document.hidden) return;
    const now = page.passed();
    if (now - Math.max(state.lastFrame, state.listening) > silentAfter && now - state.lastCut > silentAfter / 2) {
      const connection = el._htmx?.sse;
      if (connection?.reader) {
        state.lastCut = now;
        state.connected = false;
        connection.reader.cancel().catch(() => {});
      }
    }
    show();
  }

  // wake is for a page that is looked at again after a while without a stream.
  function wake() {
    state.listening = page.passed();
    state.connected = false;
    hurry();
    show();
  }

  function start() {
    el.addEventListener('htmx:config:request', (event) => {
      // A stream opened later goes on from here, not from where the page began.
      const url = new URL(event.detail.ctx.request.action, location.href);
      if (position) url.searchParams.set('after', position);
      event.detail.ctx.request.action = url.pathname + url.search;
    });
    el.addEventListener('htmx:before:request', (event) => {
      // A hidden tab would take one of the browser's six connections.
      if (document.hidden || state.ended) event.preventDefault();
    });
    el.addEventListener('htmx:sse:before:connection', onAttempt);
    el.addEventListener('htmx:sse:before:message', onMessage);
    el.addEventListener('htmx:sse:after:message', onSwapped);
    el.addEventListener('htmx:sse:error', onError);
    el.addEventListener('htmx:response:error', (event) => onError({ detail: { status: event.detail.ctx.response.status } }));
    el.addEventListener('htmx:error', () => { state.connected = false; show(); });
    let offline = false;
    window.addEventListener('online', () => {
      if (offline) resubscribe(); else hurry();
      offline = false;
    });
    // Until the next frame says otherwise: a server on the same machine needs no network.
    window.addEventListener('offline', () => { offline = true; state.connected = false; show(); });
    // A page that the back button brings back may hold a dead connection.
    window.addEventListener('pageshow', (event) => {
      if (!event.persisted) return;
      wake();
      resubscribe();
    });
    document.addEventListener('visibilitychange', () => (document.hidden ? renew() : wake()));
    setInterval(watch, 1000);
    setInterval(turnThePage, 10e3);
    show();
  }

  // At midnight of its zone a page that follows the calendar shows the new day. A
  // clock that is wrong must not let it ask for that all the time.
  function turnThePage() {
    if (state.connected && 'today' in el.dataset && el.dataset.date !== page.localDate() && !waiting) refresh();
  }

  if (el) start();
  return { refresh, lastFrame: () => page.now() - page.passed() + state.lastFrame, asOf: () => (state.copy ? asOf : 0) };
})();
;
/* src/rights.js */
// What the reader may see has changed while he looked at it.
const rights = (() => {
  const store = 'rights-changed';
  const words = 'What you may see was changed just now.';
  const lost = 'You may not see that page any more. This is your start page.';

  function say(text) {
    const place = document.getElementById('content') || document.getElementById('main');
    if (!place || page.kind === 'kiosk') return;
    const note = document.createElement('p');
    note.id = 'rights-note';
    note.className = 'banner banner-info';
    note.setAttribute('role', 'status');
    note.textContent = text;
    document.getElementById('rights-note')?.remove();
    place.prepend(note);
  }

  // reload shows what there is for the reader now, once the server gives it: a
  // display would stay on an error page for ever.
  function reload() {
    sessionStorage.setItem(store, 'reloaded');
    content.leave(location.href);
  }

  // changed leaves an open form alone: what is typed there is not lost.
  function changed() {
    if (!document.querySelector('#workbench form')) { reload(); return; }
    live.refresh().then(() => say(words));
  }

  // arrive goes on from a page that is no longer the reader's, once.
  function arrive() {
    const was = sessionStorage.getItem(store);
    if (!was) return;
    sessionStorage.removeItem(store);
    if (was === 'reloaded' && document.querySelector('.failure-code')) {
      sessionStorage.setItem(store, 'sent home');
      location.replace('/');
      return;
    }
    say(was === 'reloaded' ? words : lost);
  }

  arrive();
  return { changed, reload };
})();
;
/* src/content.js */
// The content of a page: reading it again, and keeping the reader's place in
// it while cards come and go.
const content = (() => {
  const anchors = '.card-open, .card-row, .lane, .week-row, .card-phone, .wall-row';
  const focusable = 'a[href], button, input, select, textarea, summary, [tabindex]';

  // cardsOf are the cards of a job: one for each who has it, and one in the open
  // list while it waits for somebody.
  const cardsOf = (job) => [...document.querySelectorAll(`#content .card[data-job="${CSS.escape(job)}"]`)];
  const box = () => document.getElementById('content');
  const never = new Promise(() => {});
  const wait = (ms) => new Promise((done) => {
    setTimeout(done, ms);
    window.addEventListener('online', done, { signal: AbortSignal.timeout(ms) });
  });

  // ours fetches one of our own pages; it tries until it has it, since there is
  // nothing better to do. What stands in front of us may answer as well: the
  // error page of a proxy, the sign-in of a network. That is never believed.
  async function ours(address) {
    for (let pause = 1000; ; pause = Math.min(pause * 2, 15e3)) {
      try {
        const answer = await fetch(address, { headers: { Accept: 'text/html' }, credentials: 'same-origin', cache: 'no-store', signal: AbortSignal.timeout(20e3) });
        const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
        if (answer.status < 500 && answer.status !== 429 && fresh.querySelector('meta[name="htmx-config"]')) return { answer, fresh };
      } catch { /* no network: try again */ }
      await wait(pause * (0.5 + Math.random()));
    }
  }

  // leave goes to another page once it is there: on an error page there would
  // be no script to come back.
  async function leave(address) {
    await ours(address);
    if (address === location.href) location.reload();
    else location.replace(address);
    return never;
  }

  // read returns the fresh page, null when the session is gone.
  async function read() {
    const { answer, fresh } = await ours(location.href);
    const live = fresh.getElementById('live');
    // Redirected to the sign-in: there is no such content there.
    if (answer.ok && (!live || !fresh.getElementById('content'))) return null;
    // The page itself says best why it is not there any more, and that of
    // somebody else, who has signed in meanwhile, does not fit in here.
    if (!answer.ok || live.dataset.kind !== page.kind || new URL(answer.url).pathname !== location.pathname) {
      rights.reload();
      return never;
    }
    return fresh;
  }

  // put shows the content of a fresh page in place of what is there.
  async function put(fresh) {
    const place = keep();
    const target = box();
    await htmx.swap({ sourceElement: target, target, text: fresh.getElementById('content').outerHTML, swap: 'outerMorph' });
    const count = document.getElementById('unrouted-count');
    const freshCount = fresh.getElementById('unrouted-count');
    if (count && freshCount) count.replaceWith(document.importNode(freshCount, true));
    restore(place);
  }

  // take swaps in fragments that came as an answer, as if the stream had brought them.
  async function take(text) {
    const place = keep();
    await htmx.swap({ sourceElement: page.live, target: page.live, text, swap: 'none' });
    restore(place);
    page.changed();
  }

  function scrollers() {
    const root = box();
    return root ? [document.scrollingElement, ...root.querySelectorAll('.open-scroll, .lanes-scroll')] : [];
  }

  // visibleAnchors are the first few things that the reader sees in a scroller,
  // with their distance from its top.
  function visibleAnchors(scroller) {
    const top = scroller === document.scrollingElement ? 0 : scroller.getBoundingClientRect().top;
    const found = [];
    // First of all what has the focus, if it is in view.
    const held = document.activeElement?.closest?.(anchors);
    for (const el of held && scroller.contains(held) ? [held, ...scroller.querySelectorAll(anchors)] : scroller.querySelectorAll(anchors)) {
      const at = el.getBoundingClientRect();
      if (at.height === 0 || at.bottom <= top) continue;
      found.push({ el, id: el.id, offset: at.top });
      if (found.length === 4) break;
    }
    return found;
  }

  function keepFocus() {
    const el = document.activeElement;
    const card = el?.closest?.('#content [data-job]');
    if (!card) return null;
    const list = card.parentElement;
    return {
      cardId: card.id,
      job: card.dataset.job,
      index: [...card.querySelectorAll(focusable)].indexOf(el),
      listId: list?.id,
      place: list ? [...list.children].indexOf(card) : 0,
      heading: card.closest('section')?.querySelector('[tabindex="-1"]'),
    };
  }

  // keep remembers focus and scroll before a swap.
  function keep() {
    return {
      focus: keepFocus(),
      scroll: scrollers().filter((s) => s.scrollTop > 0).map((s) => ({ scroller: s, anchors: visibleAnchors(s) })),
    };
  }

  function restoreFocus(was) {
    if (!was || (document.activeElement && document.activeElement !== document.body)) return;
    // A job that was given away has another card now.
    const card = document.getElementById(was.cardId) || cardsOf(was.job)[0];
    let el = card?.querySelectorAll(focusable)[Math.max(0, was.index)] || card?.querySelector(focusable);
    // The card is gone: its neighbour, so that the next Tab goes on from there.
    const list = document.getElementById(was.listId);
    el ||= list?.children[Math.min(was.place, list.children.length - 1)]?.querySelector(focusable);
    (el || was.heading)?.focus({ preventScroll: true });
  }

  // restore puts them back after it.
  function restore(was) {
    page.drawn();
    if (!was) return;
    for (const { scroller, anchors: list } of was.scroll) {
      for (const { el, id, offset } of list) {
        const now = el.isConnected ? el : id && document.getElementById(id);
        if (!now || !scroller.contains(now)) continue;
        scroller.scrollTop += now.getBoundingClientRect().top - offset;
        break;
      }
    }
    restoreFocus(was.focus);
  }

  // mark shows for a moment which cards have just changed.
  function mark(jobs) {
    for (const card of [...jobs].flatMap(cardsOf)) {
      card.dataset.fresh = '';
      setTimeout(() => card.removeAttribute('data-fresh'), 4000);
    }
  }

  return { read, put, take, leave, keep, restore, mark, cardsOf };
})();
;
/* src/when.js */
// What is past and what is now: the clock goes on without the server, so cards
// come without it and get it after every swap.
(() => {
  function mark() {
    const now = page.now();
    for (const card of document.querySelectorAll('.card[data-start][data-end]:not(.card-open)')) {
      const when = Date.parse(card.dataset.end) <= now ? 'past' : Date.parse(card.dataset.start) <= now ? 'now' : 'later';
      if (card.dataset.when !== when) card.dataset.when = when;
    }
  }

  page.onChange(mark);
  mark();
  setInterval(page.changed, 20e3);
})();
;
/* src/lanes.js */
// What the lanes of a board show beside the cards: the line of now, the ways
// between two jobs of a contractor, and how much of a day is booked. It follows from
// the cards and the clock, so it is drawn anew after each swap.
const lanes = (() => {
  const quarter = 15 * 60e3;

  // column is where a card stands, as the server's classes say: first quarter and
  // the one after its last.
  function column(card) {
    const at = (prefix) => Number([...card.classList].find((c) => c.startsWith(prefix))?.slice(2));
    return { first: at('q-'), end: at('q-') + at('n-') };
  }

  // legs are the ways between the jobs of a lane: how long is left for each.
  function legs(list) {
    const jobs = [...list.children]
      .map((card) => ({ card, start: Date.parse(card.dataset.start), end: Date.parse(card.dataset.end) }))
      .sort((a, b) => a.start - b.start);
    return jobs.slice(1).map((to, i) => ({ from: jobs[i].card, to: to.card, left: to.start - jobs[i].end }));
  }

  // strip is the way to a job: as long as it takes, or as what is left for it.
  function strip(leg, minutes) {
    const el = document.createElement('span');
    const takes = minutes * 60e3;
    const end = column(leg.to).first;
    const quarters = Math.max(1, Math.round(Math.min(takes, leg.left) / quarter));
    el.className = leg.left < takes ? 'travel travel-tight' : 'travel';
    el.style.gridColumn = `${Math.max(1, end - quarters)} / ${end}`;
    const number = (card) => card.querySelector('.lane-number')?.textContent;
    el.title = leg.left < takes
      ? `${Math.max(0, Math.round(leg.left / 60e3))} min from ${number(leg.from)} to ${number(leg.to)}: less than ${minutes} min to get there`
      : `${minutes} min to get to ${number(leg.to)}`;
    return el;
  }

  function drawTravel() {
    for (const box of document.querySelectorAll('[data-travels]')) {
      const minutes = Number(box.closest('[data-travel]').dataset.travel);
      const list = box.parentElement.querySelector('.lane-cards');
      box.replaceChildren(...legs(list).map((leg) => strip(leg, minutes)));
    }
  }

  // wall is what the clock of a zone shows at an instant: a date, and the minutes
  // since its midnight.
  function wall(at, zone) {
    const [date, clock] = new Intl.DateTimeFormat('sv', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' }).format(at).split(' ');
    const [h, m] = clock.split(':').map(Number);
    return { date, minutes: h * 60 + m };
  }

  function drawNow() {
    for (const line of document.querySelectorAll('[data-now]')) {
      const { zone, date } = line.closest('.lane-group').dataset;
      const now = wall(page.now(), zone);
      line.hidden = now.date !== date;
      line.style.gridColumnStart = String(Math.floor(now.minutes / 15) + 1);
      line.style.marginInlineStart = `${((now.minutes % 15) / 15) * 100}%`;
    }
  }

  // What two regions of a page both show stands once: in the lane of the contractor,
  // not among the guests, and in the list of the job's own region.
  function hideTwins() {
    const hide = (cards, within) => {
      const ids = new Set([...document.querySelectorAll(within)].map(assignment));
      for (const card of document.querySelectorAll(cards)) {
        const twin = ids.has(assignment(card));
        if (card.hidden !== twin) card.hidden = twin;
      }
    };
    hide('.lanes [id*="-guest-"] > li', '.lanes [data-contractor] .lane-cards > li');
    hide('.job-rows > [data-elsewhere]', '.job-rows > li:not([data-elsewhere])');
  }

  // assignment is the id of it in that of a card or row, after "card-" or "row-".
  const assignment = (el) => el.id.slice(el.id.indexOf('-') + 1).slice(0, 36);

  function hours(minutes) {
    return String(Math.round(minutes / 6) / 10);
  }

  // show writes a load as the server does.
  function show(load, booked, minutes) {
    const words = minutes ? `${hours(booked)} of ${hours(minutes)} h` : booked ? `${hours(booked)} h, off` : '';
    const text = load.querySelector('.load-text');
    const bar = load.querySelector('progress');
    if (text.textContent !== words) text.textContent = words;
    bar.max = Math.max(minutes, 1);
    bar.value = booked;
    bar.toggleAttribute('data-over', booked > minutes);
  }

  function drawLoads() {
    const sums = new Map();
    for (const cell of document.querySelectorAll('.week-cell[data-sum]')) {
      const [from, to] = [Date.parse(cell.dataset.from), Date.parse(cell.dataset.to)];
      const minutes = Number(cell.dataset.minutes);
      let booked = 0;
      for (const card of cell.querySelectorAll('.lane-cards > li')) {
        booked += Math.max(0, Math.min(to, Date.parse(card.dataset.end)) - Math.max(from, Date.parse(card.dataset.start))) / 60e3;
      }
      show(cell.querySelector('[data-load]'), booked, minutes);
      const sum = sums.get(cell.dataset.sum) || { booked: 0, minutes: 0 };
      sums.set(cell.dataset.sum, { booked: sum.booked + booked, minutes: sum.minutes + minutes });
    }
    for (const [id, sum] of sums) show(document.getElementById(id), sum.booked, sum.minutes);
  }

  function draw() {
    drawTravel();
    drawNow();
    hideTwins();
    drawLoads();
  }

  return { draw, wall };
})();
;
/* src/alerts.js */
// What a dispatcher has to see to: offers that are not answered, contractors who
// have not set out, and jobs that came back. It follows from the cards and the
// clock, so it is put on again after every swap and as time goes by.
const alerts = (() => {
  const lateAfter = 15 * 60e3;
  const day = 864e5;

  // of is what is wrong with a card now; null if nothing is.
  function of(card, now) {
    const lost = card.querySelector('.card-lost');
    if (lost) return { level: 'back', words: lost.textContent.trim() };
    const { status, start, offered, answerBy } = card.dataset;
    if (status !== 'assigned' && status !== 'accepted') return null;
    const begins = Date.parse(start);
    if (now >= begins + lateAfter && now < begins + day) return { level: 'late', words: 'Late: not on the way', short: 'Late' };
    if (!answerBy) return null;
    const from = Date.parse(offered);
    const until = Date.parse(answerBy);
    const clock = page.clock(new Date(until));
    if (now >= until) return { level: 'red', words: `No answer by ${clock}`, short: 'No answer' };
    if (now >= from + (until - from) / 2) return { level: 'amber', words: `No answer yet, until ${clock}`, short: 'No answer yet' };
    return null;
  }

  function set(el, text) {
    if (el && el.textContent !== text) el.textContent = text;
  }

  function mark(card, alert) {
    if ((card.dataset.alert || '') !== (alert?.level || '')) {
      if (alert) card.dataset.alert = alert.level; else delete card.dataset.alert;
    }
    set(card.querySelector('.lane-alert'), alert?.short || '');
    // Neither a narrow card's words nor its tooltip are read out.
    const link = card.querySelector('.lane-link');
    let said = link.querySelector('.sr-alert');
    if (!alert) {
      said?.remove();
      if (link.dataset.label) link.title = link.dataset.label;
      delete link.dataset.label;
      return;
    }
    if (!said) {
      said = document.createElement('span');
      said.className = 'sr-only sr-alert';
      link.append(said);
    }
    set(said, alert.words);
    link.dataset.label ||= link.title;
    link.title = `${link.dataset.label}, ${alert.words}`;
  }

  function item(card, alert) {
    const number = card.querySelector('.lane-number, .card-link')?.textContent || '';
    const who = card.closest('[data-contractor]')?.querySelector('.lane-name')?.textContent;
    const row = document.createElement('li');
    const button = document.createElement('button');
    button.type = 'button';
    button.className = `alert alert-${alert.level}`;
    button.dataset.to = card.id;
    button.textContent = [number, who && !card.querySelector('.lane-who') ? who : '', alert.words].filter(Boolean).join(' · ');
    row.append(button);
    return row;
  }

  // draw marks the cards of the board and lists in its head what is wrong.
  function draw() {
    const box = document.getElementById('alerts');
    if (!box) return;
    const now = page.now();
    const rows = [];
    const seen = new Set();
    for (const card of document.querySelectorAll('#content .card-lane, #content .card-open')) {
      const alert = of(card, now);
      if (card.classList.contains('card-lane')) mark(card, alert);
      // A job over midnight, or on two boards of a page, is wrong once.
      const key = `${card.dataset.job} ${alert?.words}`;
      if (!alert || seen.has(key)) continue;
      seen.add(key);
      rows.push(item(card, alert));
    }
    const list = box.querySelector('ul');
    const same = rows.map((r) => r.outerHTML).join('') === list.innerHTML;
    set(box.querySelector('.alerts-count'), String(rows.length));
    box.toggleAttribute('data-some', rows.length > 0);
    if (!same) {
      const focused = list.contains(document.activeElement) ? document.activeElement.dataset.to : '';
      list.replaceChildren(...rows);
      if (focused) list.querySelector(`[data-to="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
    }
  }

  document.addEventListener('click', (event) => {
    const to = event.target.closest?.('.alerts [data-to]')?.dataset.to;
    const link = to && document.getElementById(to)?.querySelector('a');
    if (!link) return;
    link.scrollIntoView({ block: 'center', inline: 'center' });
    link.focus({ preventScroll: true });
  });
  page.onChange(draw);
  draw();
  if (document.getElementById('alerts')) setInterval(draw, 5e3);
  return { draw };
})();
;
/* src/board.js */
// The board: filter, order and counts. None of it is in the cards as
// the server draws them, so a card in the stream equals the card in the page; it
// is put on again after every swap.
const board = (() => {
  const root = document.querySelector('main.board');

  // fold makes what is typed like data-text, where the server did the same.
  function fold(text) {
    return text.toLowerCase().normalize('NFD').replace(/\p{M}/gu, '').replaceAll('ς', 'σ');
  }

  function setText(id, text) {
    const el = document.getElementById(id);
    if (el && el.textContent !== text) el.textContent = text;
  }

  const filter = () => document.getElementById('filter');
  const shownNames = ['q', 'skill', 'priority', 'sort'];

  // wanted is what the reader looks for, as a test of a card and its lane's name.
  function wanted(form) {
    const words = fold(form.elements.q.value).split(/\s+/).filter(Boolean);
    const skill = form.elements.skill.value;
    const priority = form.elements.priority.value;
    const skilled = (el) => !skill || el.dataset.skills.split(' ').includes(skill);
    return {
      any: words.length > 0 || !!skill || !!priority,
      skilled,
      hit: (card, who = '') => words.every((w) => card.dataset.text.includes(w) || who.includes(w))
        && skilled(card) && (!priority || card.dataset.priority === priority),
    };
  }

  // The open list hides what is not looked for; the lanes dim it, because what a
  // contractor is booked for stays true.
  function applyFilter() {
    if (!filter()) return;
    const looks = wanted(filter());
    let all = 0;
    let shown = 0;
    for (const card of root.querySelectorAll('[data-open] > li')) {
      const hit = looks.hit(card);
      if (card.hidden === hit) card.hidden = !hit;
      all += 1;
      if (hit) shown += 1;
    }
    setText('count-open', String(all));
    setText('count-shown', shown === all ? String(all) : `${shown} of ${all}`);
    document.getElementById('no-match').hidden = all === 0 || shown > 0;
    dim(looks);
    if (root.dataset.board === 'unrouted') setText('unrouted-count', String(all));
    const unrouted = document.getElementById('unrouted-count');
    unrouted?.classList.toggle('badge-warn', unrouted.textContent.trim() !== '0');
  }

  function dim(looks) {
    for (const lane of root.querySelectorAll('[data-contractor]')) {
      lane.toggleAttribute('data-dim', !looks.skilled(lane));
    }
    let found = 0;
    const cards = root.querySelectorAll('.lane-cards > li, .job-rows > li');
    for (const card of cards) {
      const name = card.closest('[data-contractor]')?.querySelector('.lane-name')?.textContent || '';
      const hit = looks.hit(card, fold(name));
      if (hit && !card.hidden) found += 1;
      card.toggleAttribute('data-dim', !hit);
    }
    const assigned = [...cards].filter((c) => !c.hidden && !c.querySelector('.st-open, .st-partially_assigned, .st-on_hold'));
    setText('count-assigned', String(assigned.length));
    const label = document.getElementById('count-found');
    if (!label) return;
    label.hidden = !looks.any;
    setText('count-found', `${found} found`);
  }

  // arrange puts the open jobs in the order asked for. They come by window.
  function arrange() {
    if (!filter()) return;
    const by = filter().elements.sort.value;
    const rank = (card) => ['rush', 'high', 'normal'].indexOf(card.dataset.priority);
    const number = (card) => Number(card.querySelector('.card-link').textContent.replace(/\D/g, ''));
    const keyed = (card) => card.dataset.sort;
    const compare = (a, b) => (by === 'number' ? number(a) - number(b) : by === 'priority' ? rank(a) - rank(b) : 0)
      || keyed(a).localeCompare(keyed(b), undefined, { numeric: true });
    const held = document.activeElement;
    for (const list of root.querySelectorAll('[data-open]')) {
      [...list.children].sort(compare).forEach((card, i) => {
        if (list.children[i] !== card) list.insertBefore(card, list.children[i]);
      });
    }
    if (held !== document.activeElement) held?.focus?.({ preventScroll: true });
  }

  // The filter stays in the address, so that a reload keeps it, and in the links
  // to other days and views.
  function rememberFilter() {
    const url = new URL(location.href);
    const links = [...root.querySelectorAll('.days a, .views a, .week-link')];
    for (const name of shownNames) {
      const { value } = filter().elements[name];
      const put = (params) => (value ? params.set(name, value) : params.delete(name));
      put(url.searchParams);
      for (const link of links) {
        const to = new URL(link.href);
        put(to.searchParams);
        link.href = to.pathname + to.search;
      }
    }
    history.replaceState(history.state, '', url);
  }

  // showDay brings the working day into view when not all of it fits, until the
  // reader has scrolled himself.
  function showDay() {
    const lanes = document.getElementById('lanes');
    const six = lanes?.querySelector('.hour.q-25');
    if (!six || lanes.scrollLeft > 0 || lanes.scrollWidth <= lanes.clientWidth) return;
    const head = lanes.querySelector('.scale-head').offsetWidth;
    lanes.scrollLeft += six.getBoundingClientRect().left - lanes.getBoundingClientRect().left - head;
  }

  // select marks the card whose job stands in the workbench.
  function select() {
    const job = document.querySelector('#workbench [data-job], #workbench [data-panel-job]');
    const id = job && (job.dataset.job || job.dataset.panelJob);
    for (const card of document.querySelectorAll('#content [data-selected]')) {
      if (card.dataset.job !== id) card.removeAttribute('data-selected');
    }
    if (id) content.cardsOf(id).forEach((card) => card.setAttribute('data-selected', ''));
    const working = !!document.getElementById('workbench')?.firstElementChild;
    if (!root || root.hasAttribute('data-working') === working) return;
    root.toggleAttribute('data-working', working);
    if (working) showDay();
  }

  function refresh() {
    arrange();
    lanes.draw();
    applyFilter();
    select();
  }

  function density(compact) {
    root.dataset.density = compact ? 'compact' : 'comfortable';
    document.querySelector('[data-density-switch]')?.setAttribute('aria-pressed', String(compact));
  }

  function start() {
    if (!root) return;
    page.onChange(refresh);
    refresh();
    document.addEventListener('input', (event) => {
      if (!event.target.closest?.('#filter')) return;
      arrange();
      applyFilter();
      rememberFilter();
    });
    document.addEventListener('click', (event) => {
      if (!event.target.closest?.('[data-density-switch]')) return;
      density(root.dataset.density !== 'compact');
      document.cookie = `density=${root.dataset.density};path=/dispatch;max-age=31536000;samesite=lax`;
    });
    density(root.dataset.density === 'compact');
    document.addEventListener('submit', (event) => {
      if (event.target.id !== 'filter') return;
      event.preventDefault();
      applyFilter();
    });
    // Cards carry no date, so the page adds its own.
    document.addEventListener('htmx:config:request', (event) => {
      const { ctx } = event.detail;
      if (ctx.request.method !== 'GET' || ctx.sourceElement === page.live) return;
      const date = document.getElementById('content')?.dataset.date;
      if (date) ctx.request.body.set('date', date);
    });
  }

  start();
  return { select };
})();
;
/* src/form.js */
// The workbench and its forms. Nothing here is needed to post a form; it saves
// the dispatcher a few keys and keeps an open form safe from the stream.
(() => {
  // opener is the card from which the workbench was filled, and its job.
  let opener = { id: '', job: '' };

  const workbench = () => document.getElementById('workbench');
  const onBoard = () => !!document.querySelector('main.board');

  // jobsChanged tells the open form that its job is no longer what it shows, and
  // who changed it. A form that is being sent is left alone: the change is most
  // likely its own. What a panel shows may be as new as the change.
  function jobsChanged(jobs) {
    for (const form of document.querySelectorAll('form[data-job]')) {
      if (!jobs.has(form.dataset.job) || form.classList.contains('htmx-request')) continue;
      warn(form);
      lastChange(form.dataset.job).then((change) => warn(form, change?.text));
    }
    for (const panel of document.querySelectorAll('[data-panel-job]')) {
      if (!jobs.has(panel.dataset.panelJob)) continue;
      lastChange(panel.dataset.panelJob).then((change) => {
        if (change && String(change.version) !== panel.dataset.version) warn(panel, change.text);
      });
    }
  }

  // lastChange asks who changed a job last, null if nobody says.
  async function lastChange(job) {
    try {
      const answer = await fetch(`/jobs/${job}/change`, { headers: { Accept: 'application/json' }, credentials: 'same-origin' });
      return answer.ok ? await answer.json() : null;
    } catch { return null; }
  }

  // warn shows the banner of a form or panel; what has the focus stays where it is.
  function warn(box, what = '') {
    const banner = box.querySelector('[data-changed]');
    if (!banner || !box.isConnected) return;
    const held = box.contains(document.activeElement) ? document.activeElement : null;
    const top = held?.getBoundingClientRect().top;
    banner.hidden = false;
    if (what) banner.querySelector('[data-changed-what]').textContent = what;
    if (held) workbench().scrollTop += held.getBoundingClientRect().top - top;
  }

  // wall is a typed time in milliseconds, NaN for an empty one: of ":00Z" alone
  // browsers make the year 2000.
  function wall(value) {
    return value ? Date.parse(`${value}:00Z`) : NaN;
  }

  // shown is what the clock of a zone shows at a time; both count milliseconds,
  // the clock as wall does.
  function shown(zone, at) {
    const text = new Intl.DateTimeFormat('sv', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' }).format(at);
    return Date.parse(`${text.replace(' ', 'T')}Z`);
  }

  // instants are the times, one or two, at which the clock of the form's zone
  // shows a typed time. Over an hour that is skipped the clock runs on.
  function instants(form, value) {
    const { zone } = form.dataset;
    const at = wall(value);
    if (!zone || Number.isNaN(at)) return [at];
    const near = [-864e5, 864e5].map((day) => at - (shown(zone, at + day) - (at + day)));
    const found = [...new Set(near)].filter((t) => shown(zone, t) === at);
    return found.length ? found : near.slice(0, 1);
  }

  function instant(form, value, offset) {
    return offset ? Date.parse(`${value}:00${offset}`) : instants(form, value)[0];
  }

  // lengthOf is the time from start to end in milliseconds, as typed or, before
  // that, as the form came: a start that is half typed says nothing about it.
  function lengthOf(form) {
    const { start, end } = form.elements;
    if (!end) return NaN;
    const at = (el, value) => instant(form, value, form.elements[`${el.name}_offset`]?.value);
    if ('edited' in end.dataset) return at(end, end.value) - at(start, start.value);
    form.dataset.length ??= String(at(end, end.defaultValue) - at(start, start.defaultValue));
    return Number(form.dataset.length);
  }

  // measure notes the lengths while the offsets are there that a form came with.
  function measure() {
    document.querySelectorAll('form[data-zone]').forEach(lengthOf);
  }

  // endAfter moves the end along with the start, by the clock of the zone; an
  // empty one stays empty.
  function endAfter(form, length) {
    const { start, end } = form.elements;
    const at = instant(form, start.value, form.elements.start_offset?.value) + length;
    if (Number.isNaN(at)) return;
    const clock = form.dataset.zone ? shown(form.dataset.zone, at) : at;
    end.value = new Date(clock).toISOString().slice(0, 16);
    setOffset(form, 'end_offset', instants(form, end.value).length > 1 ? offsetOf(clock - at) : '');
  }

  // offsetOf writes milliseconds as "-05:00".
  function offsetOf(ms) {
    return `${ms < 0 ? '-' : '+'}${new Date(Math.abs(ms)).toISOString().slice(11, 16)}`;
  }

  // setStart fills the start, unless it is that already.
  function setStart(form, start, offset) {
    const from = form.elements.start;
    if (from.value === start && (form.elements.start_offset?.value || '') === offset) return;
    const length = lengthOf(form);
    from.value = start;
    setOffset(form, 'start_offset', offset);
    endAfter(form, length);
  }

  // setOffset keeps at most one answer to "which of the two?"; it belongs to
  // one start and must not outlive it.
  function setOffset(form, name, offset) {
    document.getElementById(`${form.id}-${name}`)?.remove();
    form.querySelectorAll(`input[name="${name}"]`).forEach((el) => el.remove());
    if (!offset) return;
    const input = document.createElement('input');
    input.type = 'hidden';
    input.name = name;
    input.value = offset;
    form.append(input);
  }

  function onInput(event) {
    const el = event.target;
    const form = el.form;
    if (!form?.hasAttribute('data-workbench-form')) return;
    form.dataset.dirty = '';
    if (el.type === 'datetime-local') {
      el.dataset.edited = '';
      setOffset(form, `${el.name}_offset`, '');
    }
    if (['start', 'start_offset'].includes(el.name) && !('edited' in form.elements.end.dataset)) endAfter(form, lengthOf(form));
    if (el.name === 'contractor_id' && el.dataset.start && !('edited' in form.elements.start.dataset)) {
      setStart(form, el.dataset.start, el.dataset.offset);
    }
  }

  function close() {
    const box = workbench();
    box.replaceChildren();
    board.select();
    const card = document.getElementById(opener.id) || content.cardsOf(opener.job)[0];
    const back = card?.querySelector('a') || document.getElementById('open-head');
    back?.focus({ preventScroll: true });
  }

  // fill puts a value that the server offered into a field.
  function fill(form, field, value) {
    const el = form.elements[field];
    if (field === 'start') setStart(form, value, '');
    el.value = value;
    el.dataset.edited = '';
    setOffset(form, `${field}_offset`, '');
  }

  // pressed marks one of several buttons that fill in something, and leads on.
  function pressed(button) {
    button.form.querySelectorAll(`button[name="${button.name}"]`).forEach((b) => b.setAttribute('aria-pressed', String(b === button)));
    button.form.querySelector('.submit')?.focus();
  }

  function onClick(event) {
    const slot = event.target.closest?.('button[name="slot"]');
    if (slot) {
      event.preventDefault();
      setStart(slot.form, slot.dataset.start, slot.dataset.offset);
      slot.form.elements.start.dataset.edited = '';
      pressed(slot);
      return;
    }
    const other = event.target.closest?.('button[name="instead"]');
    if (other) {
      event.preventDefault();
      fill(other.form, other.dataset.field, other.dataset.value);
      pressed(other);
      return;
    }
    if (event.target.closest?.('[data-close]') && onBoard()) {
      event.preventDefault();
      close();
      return;
    }
    const card = event.target.closest?.('#content [data-job]');
    if (card) opener = { id: card.id, job: card.dataset.job };
  }

  function onKey(event) {
    if (event.key !== 'Escape' || !onBoard() || !workbench()?.contains(event.target)) return;
    if (workbench().querySelector('form[data-dirty]')) return;
    close();
  }

  // The reader asked for what now stands in the workbench: go there.
  function onSwap(event) {
    const { ctx } = event.detail;
    if (ctx.sourceElement === page.live || ctx.target !== workbench()) return;
    measure();
    const box = workbench();
    const first = box.querySelector('[data-focus]') || box.querySelector('[data-panel-focus]');
    first?.focus({ preventScroll: true });
    box.scrollTop = 0;
    if (box.getBoundingClientRect().top < 0 || box.getBoundingClientRect().top > innerHeight / 2) {
      box.scrollIntoView({ block: 'start' });
    }
    page.changed();
  }

  // Without an answer nothing would be swapped, and silence looks like success.
  function onUnreached(event) {
    const { ctx } = event.detail;
    if (!ctx || ctx.sourceElement === page.live || ctx.target !== workbench()) return;
    workbench().querySelector('[data-unreached]')?.remove();
    const note = document.createElement('div');
    note.className = 'banner banner-bad';
    note.setAttribute('role', 'alert');
    note.dataset.unreached = '';
    note.textContent = `${whatFailed(ctx.response)} ${whatNow(ctx)}`;
    workbench().prepend(note);
    workbench().scrollTop = 0;
  }

  function whatNow({ request, response }) {
    if (response?.status === 507) return 'Nothing was saved. Tell your administrator.';
    return request.method === 'GET'
      ? 'Try again in a moment.'
      : 'It may not have been saved. Send it again: the same change is never made twice.';
  }

  function whatFailed(response) {
    if (!response) return 'The server gave no answer.';
    const id = response.headers.get('X-Request-Id');
    if (response.status === 507) return 'The disk of the database is full.';
    if (response.status === 503) return 'The schedule can\'t be reached just now.';
    return `Something broke on our side${id ? ` (request ${id})` : ''}.`;
  }

  // A failure of the server is not swapped in: the form must stay, with what was
  // typed and with its key, or sending it again would be another change.
  function onRefused(event) {
    if (event.detail.ctx.response.status >= 500) onUnreached(event);
  }

  function onRequest(event) {
    if (event.detail.ctx.target === workbench()) workbench()?.querySelector('[data-unreached]')?.remove();
  }

  // What can no longer be taken back is not offered, but not under the hands of who
  // is about to try: the server says why not.
  function expire() {
    for (const form of document.querySelectorAll('form[data-until]')) {
      form.hidden = Date.parse(form.dataset.until) <= page.now() && !form.contains(document.activeElement);
    }
  }

  page.onChange(expire);
  document.addEventListener('htmx:error', onUnreached);
  document.addEventListener('htmx:response:error', onRefused);
  document.addEventListener('htmx:before:request', onRequest);
  document.addEventListener('input', onInput);
  document.addEventListener('click', onClick);
  document.addEventListener('keydown', onKey);
  document.addEventListener('htmx:after:swap', onSwap);
  page.onJobs(jobsChanged);
  measure();
  // A whole page with errors begins at what is wrong.
  document.querySelector('[data-focus]')?.focus();

  // A page that refused a form was posted: the browser cannot go back to it without
  // sending that form again, and asks on a page of its own. So when the form is sent
  // anew the page's place in the history becomes that of the form it came from.
  const from = document.querySelector('.summary') && document.referrer;
  if (from && new URL(from).origin === location.origin) {
    addEventListener('submit', ({ defaultPrevented, target }) => {
      if (!defaultPrevented && target.method === 'post') history.replaceState(history.state, '', from);
    });
  }
})();
;
/* src/place.js */
// Putting an open job on a lane. While its form stands in the workbench the job
// is held: each lane takes a click, or Enter, and the form comes again with that
// contractor and time. What is allowed the server says, when the form is sent.
const place = (() => {
  const root = document.querySelector('main.board');
  const bench = () => document.getElementById('workbench');
  const buttons = () => [...root.querySelectorAll('[data-place]')];
  let placing = null;

  // held is the open job whose form is there, and its card.
  function held() {
    const form = bench()?.querySelector('form#assign[action^="/jobs/"]');
    const card = form && root.querySelector(`.card-open[data-job="${CSS.escape(form.dataset.job)}"]`);
    return card ? { form, card, minutes: Number(card.dataset.minutes) } : null;
  }

  const group = (button) => button.closest('.lane-group').dataset;
  const offered = (form, id) => form.querySelector(`input[name="contractor_id"][value="${CSS.escape(id)}"]`);

  function clock(minutes) {
    const two = (n) => String(n).padStart(2, '0');
    return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
  }

  // point puts the shadow of the job to a quarter hour of a lane.
  function point(button, quarter) {
    const h = held();
    if (!h) return;
    const at = Math.max(1, Math.min(96, quarter));
    button.dataset.quarter = String(at);
    const ghost = button.querySelector('.place-ghost');
    ghost.style.gridColumn = `${at} / span ${Math.max(1, Math.min(97 - at, Math.ceil(h.minutes / 15)))}`;
    ghost.textContent = clock((at - 1) * 15);
    const who = button.closest('[data-contractor]').querySelector('.lane-name').textContent;
    button.setAttribute('aria-label', `Place ${h.card.querySelector('.card-link').textContent} with ${who}, ${button.dataset.date} at ${clock((at - 1) * 15)}`);
  }

  // under is the quarter hour below the pointer: columns are not all of one width.
  function under(button, x) {
    let left = button.getBoundingClientRect().left;
    const widths = getComputedStyle(button).gridTemplateColumns.split(' ').map(parseFloat);
    for (let i = 0; i < widths.length; i += 1) {
      left += widths[i];
      if (x < left) return i + 1;
    }
    return widths.length;
  }

  // first is where a lane would be tried without a pointer: as the form offers it,
  // else after what is there, else in the morning.
  function first(button, h) {
    const start = offered(h.form, button.dataset.place)?.dataset.start || '';
    if (start.startsWith(button.dataset.date)) return quarterOf(start.slice(11));
    const { zone } = group(button);
    const ends = [...button.parentElement.querySelectorAll('.lane-cards > li')]
      .map((card) => lanes.wall(Date.parse(card.dataset.end), zone)).filter((w) => w.date === button.dataset.date);
    return ends.length ? Math.ceil(Math.max(...ends.map((w) => w.minutes)) / 15) + 1 : 33;
  }

  function quarterOf(text) {
    const [hour, minute] = text.split(':').map(Number);
    return hour * 4 + Math.floor(minute / 15) + 1;
  }

  // band shows on each lane when the customer was promised the job.
  function band(h) {
    for (const el of root.querySelectorAll('[data-window]')) {
      const { zone, date } = group(el);
      const day = h && ['start', 'end'].map((name) => lanes.wall(Date.parse(h.card.dataset[name]), zone));
      el.hidden = !h || day[0].date > date || day[1].date < date;
      if (el.hidden) continue;
      const from = day[0].date < date ? 1 : Math.floor(day[0].minutes / 15) + 1;
      const to = day[1].date > date ? 97 : Math.ceil(day[1].minutes / 15) + 1;
      el.style.gridColumn = `${from} / ${Math.max(to, from + 1)}`;
    }
  }

  function refresh() {
    const h = held();
    root.toggleAttribute('data-holding', !!h);
    for (const button of buttons()) {
      button.hidden = !h;
      const lane = button.closest('[data-contractor]');
      if (!h) { lane.removeAttribute('data-can'); continue; }
      lane.dataset.can = offered(h.form, button.dataset.place) ? 'yes' : 'no';
      button.tabIndex = -1;
      if (!button.matches(':focus, :hover')) point(button, first(button, h));
    }
    const next = buttons().find((b) => b === document.activeElement) || buttons().find((b) => b.closest('[data-can="yes"]'));
    if (next) next.tabIndex = 0;
    band(h);
  }

  // put asks for the form again, for this contractor and time.
  function put(button) {
    const h = held();
    if (!h) return;
    const { region } = group(button);
    placing = { reason: h.form.elements.override_reason?.value || '' };
    const query = new URLSearchParams({
      board: h.card.closest('[data-region]').dataset.region, contractor: button.dataset.place, lane: region,
      at: `${button.dataset.date}T${clock((Number(button.dataset.quarter) - 1) * 15)}`,
    });
    htmx.ajax('GET', `/jobs/${h.form.dataset.job}/assignments/new?${query}`, { target: '#workbench' });
  }

  function onClick(event) {
    const button = event.target.closest?.('[data-place]');
    if (button) {
      if (event.detail > 0 && button.closest('.lane')) point(button, under(button, event.clientX));
      put(button);
      return;
    }
    // All of an open card takes it, not only its button.
    const card = event.target.closest?.('.card-open');
    if (card && !event.target.closest('a, button') && !getSelection().toString()) card.querySelector('.card-actions a[href*="/assignments/new"]')?.click();
  }

  // step goes to another lane, or to an earlier or a later quarter hour.
  function step(button, key) {
    const inWeek = !button.closest('.lane');
    const quarter = Number(button.dataset.quarter);
    if (!inWeek && key === 'ArrowLeft') point(button, quarter - 1);
    else if (!inWeek && key === 'ArrowRight') point(button, quarter + 1);
    else {
      const list = buttons();
      const by = { ArrowUp: inWeek ? -7 : -1, ArrowDown: inWeek ? 7 : 1, ArrowLeft: -1, ArrowRight: 1 }[key];
      const next = list[list.indexOf(button) + by];
      if (!next) return;
      button.tabIndex = -1;
      next.tabIndex = 0;
      if (!inWeek) point(next, quarter);
      next.focus();
    }
  }

  function onKey(event) {
    const button = event.target.closest?.('[data-place]');
    if (!button) return;
    if (event.key === 'Escape') { bench().querySelector('[data-close]')?.click(); return; }
    if (!event.key.startsWith('Arrow')) return;
    event.preventDefault();
    step(button, event.key);
  }

  // Dragging ends where a click would have been.
  function onDown(event) {
    const card = event.target.closest?.('.card-open');
    if (!card || event.button !== 0 || event.pointerType === 'touch' || event.target.closest('a, button')) return;
    const from = { x: event.clientX, y: event.clientY };
    let dragging = false;
    const over = (e) => document.elementsFromPoint(e.clientX, e.clientY).find((el) => el.matches('[data-place]'));
    const move = (e) => {
      if (!dragging && Math.hypot(e.clientX - from.x, e.clientY - from.y) > 8) {
        dragging = true;
        root.toggleAttribute('data-dragging', true);
        card.querySelector('.card-actions a[href*="/assignments/new"]')?.click();
      }
      if (!dragging) return;
      e.preventDefault();
      const button = over(e);
      if (button?.closest('.lane')) point(button, under(button, e.clientX));
      for (const b of buttons()) b.toggleAttribute('data-over', b === button);
    };
    const stop = () => {
      removeEventListener('pointermove', move);
      removeEventListener('pointerup', drop);
      removeEventListener('pointercancel', stop);
      root.removeAttribute('data-dragging');
      for (const b of buttons()) b.removeAttribute('data-over');
    };
    const drop = (e) => {
      const button = dragging && over(e);
      if (dragging) addEventListener('click', (c) => c.stopPropagation(), { capture: true, once: true });
      stop();
      if (button) put(button);
    };
    addEventListener('pointermove', move);
    addEventListener('pointerup', drop);
    addEventListener('pointercancel', stop);
  }

  // The form is there with all that was said: what is left is to confirm it.
  function onSwap(event) {
    if (!placing || event.detail.ctx.target !== bench()) return;
    const form = bench().querySelector('form#assign');
    if (form?.elements.override_reason && placing.reason) form.elements.override_reason.value = placing.reason;
    placing = null;
    form?.querySelector('.submit')?.focus({ preventScroll: true });
  }

  // lead takes the reader to the lanes, to place what is held.
  function lead() {
    buttons().find((b) => b.tabIndex === 0 && !b.hidden)?.focus();
  }

  if (root) {
    page.onChange(refresh);
    document.addEventListener('click', onClick);
    document.addEventListener('keydown', onKey);
    document.addEventListener('pointerdown', onDown);
    document.addEventListener('pointermove', (event) => {
      const button = event.target.closest?.('.lane [data-place]');
      if (button) point(button, under(button, event.clientX));
    });
    document.addEventListener('htmx:after:swap', onSwap);
  }
  return { lead, refresh };
})();
;
/* src/keys.js */
// Short cuts of the board, and where the reader was when he comes back to it.
(() => {
  const root = document.querySelector('main.board');
  if (!root) return;
  const dialog = document.getElementById('keys');
  const off = () => localStorage.getItem('keys') === 'off';

  function nextCard(by) {
    const cards = [...root.querySelectorAll('[data-open] > li:not([hidden])')];
    const at = cards.indexOf(document.activeElement?.closest('.card-open'));
    const card = cards[at < 0 ? 0 : Math.max(0, Math.min(cards.length - 1, at + by))];
    const assign = card?.querySelector('.card-actions a:last-child');
    (assign?.checkVisibility() ? assign : card?.querySelector('.card-link'))?.focus();
  }

  // look goes to another view, unless what is typed would be lost.
  const look = (view) => () => {
    if (!root.querySelector('#workbench form[data-dirty]')) root.querySelector(`[data-view-link="${view}"]`)?.click();
  };

  const acts = {
    '/': () => document.getElementById('filter-q')?.focus(),
    j: () => nextCard(1),
    k: () => nextCard(-1),
    p: () => place.lead(),
    d: look('day'),
    w: look('week'),
    b: look('jobs'),
    '?': () => dialog.showModal(),
  };

  function onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || dialog.open) return;
    if (event.target.closest('input:not([type="radio"], [type="checkbox"]), select, textarea') || off() && event.key !== '?') return;
    const act = acts[event.key.toLowerCase()];
    if (!act) return;
    event.preventDefault();
    act();
  }

  document.addEventListener('keydown', onKey);
  document.addEventListener('click', (event) => {
    if (event.target.closest('[data-keys]')) dialog.showModal();
  });
  const single = document.getElementById('keys-on');
  single.checked = !off();
  single.addEventListener('change', () => localStorage.setItem('keys', single.checked ? 'on' : 'off'));

  // The place in the lists and what stood in the workbench are kept for this
  // address, for whoever comes back to it or loads it again.
  const scrollers = () => ['.open-scroll', '.lanes-scroll'].map((s) => root.querySelector(s)).filter(Boolean);
  const here = () => `board ${location.pathname}${location.search}`;
  let panel = '';
  document.addEventListener('htmx:after:swap', (event) => {
    const { ctx } = event.detail;
    if (ctx.target?.id === 'workbench' && ctx.request.method === 'GET') panel = ctx.request.action;
  });
  addEventListener('pagehide', () => {
    const open = document.getElementById('workbench').firstElementChild ? panel : '';
    const was = { panel: open, scroll: scrollers().map((el) => [el.scrollTop, el.scrollLeft]), page: scrollY };
    sessionStorage.setItem(here(), JSON.stringify(was));
  });

  const came = performance.getEntriesByType('navigation')[0]?.type;
  const was = JSON.parse(sessionStorage.getItem(here()) || 'null');
  if (!was || !['back_forward', 'reload'].includes(came)) return;
  scrollers().forEach((el, i) => { [el.scrollTop, el.scrollLeft] = was.scroll[i] || [0, 0]; });
  scrollTo(0, was.page);
  if (was.panel.startsWith('/jobs/') || was.panel.startsWith('/assignments/')) htmx.ajax('GET', was.panel, { target: '#workbench' });
})();
;
/* src/busy.js */
// The workbench says that it waits for what was asked for.
(() => {
  const box = () => document.getElementById('workbench');
  let waiting = null;

  document.addEventListener('htmx:before:request', (event) => {
    const { ctx } = event.detail;
    if (!box() || ctx.target !== box()) return;
    waiting = ctx;
    box().setAttribute('aria-busy', 'true');
  });
  // A request that was replaced by another ends first, and is not waited for.
  document.addEventListener('htmx:finally:request', (event) => {
    if (event.detail.ctx !== waiting) return;
    waiting = null;
    box()?.removeAttribute('aria-busy');
  });
})();
;
/* src/kiosk.js */
// The wall display: a clock, pages that turn by themselves, a picture that is
// never in quite the same place, and less light at night.
(() => {
  if (page.kind !== 'kiosk' || !document.getElementById('wall-rows')) return;
  const turnEvery = 15e3;
  const shiftEvery = 5 * 60e3;
  const shifts = [[0, 0], [6, 0], [6, 6], [0, 6]];
  const evening = 21;
  const morning = 6;
  let shift = 0;
  let due = 0;
  // shown are the keys of what stands whole on the page.
  let shown = [];

  function tick() {
    const box = document.getElementById('clock');
    const text = page.clock();
    if (box && box.textContent !== text) box.textContent = text;
    const hour = Number(text.slice(0, 2));
    document.documentElement.classList.toggle('night', hour >= evening || hour < morning);
  }

  const view = () => document.getElementById('wall-rows');
  const keyOf = (el) => el.id || el.getAttribute('aria-labelledby');

  // blocks are what no page may cut, from the top: the rows, and of a row that is
  // higher than the screen the cards.
  function blocks() {
    const from = view().getBoundingClientRect().top + view().clientTop - view().scrollTop;
    return [...view().children]
      .flatMap((row) => (row.offsetHeight > view().clientHeight ? [...row.querySelectorAll('.card-wall')] : [row]))
      .map((el) => ({ key: keyOf(el), at: el.getBoundingClientRect() }))
      .filter(({ at }) => at.height > 0)
      .map(({ key, at }) => ({ key, top: at.top - from, bottom: at.bottom - from }))
      .sort((a, b) => a.top - b.top);
  }

  // whole are those of the blocks that a page which begins at top does not cut.
  const whole = (all, top) => all.filter((b) => b.top >= top - 1 && b.bottom <= top + view().clientHeight + 1);

  // stops are where the pages begin: each with the first block that the page
  // before does not show whole, and one with what stands at held.
  function stops(all, held = 0) {
    const height = view().clientHeight;
    const end = view().scrollHeight - height;
    const found = [0];
    for (let at = 0; at < end - 1;) {
      const cut = all.find((b) => b.bottom > at + height + 1);
      const next = Math.min(end, cut && cut.top > at + 1 ? cut.top : at + height);
      at = held > at + 1 && held < next ? held : next;
      found.push(at);
    }
    return found;
  }

  // trim leaves out what the page shows in part: it stands whole on another one.
  function trim(all, pages) {
    const [from, to] = [view().scrollTop, view().scrollTop + view().clientHeight];
    const here = whole(all, from);
    const above = all.some((b) => b.top < from - 1 && b.bottom > from + 1);
    const below = all.some((b) => b.top < to - 1 && b.bottom > to + 1);
    const top = above && here.length ? Math.min(...here.map((b) => b.top)) - from : 0;
    const bottom = below && here.length ? to - Math.max(...here.map((b) => b.bottom)) : 0;
    view().style.clipPath = pages > 1 ? `inset(${top}px 0 ${bottom}px)` : '';
  }

  const current = (list) => list.findLastIndex((at) => at <= view().scrollTop + 1);

  // settle is for rows that have come, gone, grown or moved: the page that is
  // looked at begins where most of what it showed stands now.
  function settle() {
    const all = blocks();
    const kept = (top) => whole(all, top).filter((b) => shown.includes(b.key)).length;
    const held = all.filter((b) => shown.includes(b.key))
      .reduce((best, b) => (kept(b.top) > best.kept ? { top: b.top, kept: kept(b.top) } : best), { top: view().scrollTop, kept: 0 }).top;
    view().scrollTop = held;
    const list = stops(all, held);
    show(all, list, current(list));
  }

  function turn() {
    const all = blocks();
    const list = stops(all, view().scrollTop);
    show(all, list, (current(list) + 1) % list.length);
  }

  function show(all, list, n) {
    view().scrollTop = list[n];
    shown = whole(all, view().scrollTop).map((b) => b.key);
    const box = document.getElementById('wall-page');
    const text = list.length > 1 ? `Page ${n + 1} of ${list.length}` : '';
    if (box && box.textContent !== text) box.textContent = text;
    trim(all, list.length);
  }

  // soon settles once before the next picture, however much has changed.
  function soon() {
    due ||= requestAnimationFrame(() => { due = 0; settle(); });
  }

  function nudge() {
    shift = (shift + 1) % shifts.length;
    const [x, y] = shifts[shift];
    document.getElementById('main').style.translate = `${x}px ${y}px`;
  }

  tick();
  settle();
  page.onChange(() => { tick(); soon(); });
  // Also a bar that grows in the footer leaves less for the rows.
  new ResizeObserver(settle).observe(view());
  setInterval(tick, 1000);
  setInterval(turn, turnEvery);
  setInterval(nudge, shiftEvery);
})();
;
/* src/poll.js */
// A part of a page that reads itself again: not while nobody looks at it, and
// saying so when it could not. The part may be another element after each reading.
(() => {
  const state = document.getElementById('poll-state');
  const words = state?.querySelector('.script-only');
  const usual = words?.textContent;
  let since = page.clock(new Date(), true);

  const polls = ({ ctx }) => ctx.sourceElement?.matches?.('[data-poll]');

  document.addEventListener('htmx:before:request', (event) => {
    if (document.hidden && polls(event.detail)) event.preventDefault();
  });

  function say(text, late) {
    if (words.textContent !== text) words.textContent = text;
    state.classList.toggle('late', late);
  }

  document.addEventListener('htmx:finally:request', (event) => {
    if (!state || !polls(event.detail)) return;
    const { ctx } = event.detail;
    if (ctx.status === 'swapped' && ctx.response?.status === 200) {
      since = page.clock(new Date(), true);
      say(usual, false);
      return;
    }
    say(`No answer since ${since}. What stands here is older.`, true);
  });
})();
;
/* src/copy.js */
// A button that copies the text of a field. Where the browser does not let us,
// the text is selected, so that a key copies it.
(() => {
  async function copy(button) {
    const field = document.getElementById(button.dataset.copy);
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      return;
    }
    button.textContent = 'Copied';
    document.getElementById('announce').textContent = 'Copied';
  }

  document.addEventListener('click', (event) => {
    const button = event.target.closest?.('[data-copy]');
    if (button) copy(button);
  });
})();
;
/* src/tap_store.js */
// Where the taps of a contractor wait on the phone, in the order of their ids. A
// tap is waiting, being sent, or refused and not yet seen by him.
const tapStore = (() => {
  let opening = null;

  function open() {
    opening ||= new Promise((done, fail) => {
      const request = indexedDB.open('taps', 1);
      request.onupgradeneeded = () => request.result
        .createObjectStore('taps', { keyPath: 'id', autoIncrement: true })
        .createIndex('key', 'key', { unique: true });
      request.onsuccess = () => done(request.result);
      request.onerror = () => fail(request.error);
    });
    return opening;
  }

  // within runs act in one transaction, and gives its last result once that is on
  // the disk.
  async function within(mode, act) {
    const tx = (await open()).transaction('taps', mode, { durability: 'strict' });
    return new Promise((done, fail) => {
      const box = {};
      tx.oncomplete = () => done(box.value);
      tx.onabort = () => fail(tx.error);
      act(tx.objectStore('taps'), box);
    });
  }

  const keep = (box) => ({ target }) => { box.value = target.result; };

  // add fails for a key that is there already.
  const add = (tap) => within('readwrite', (store, box) => { store.add(tap).onsuccess = keep(box); });
  const remove = (id) => within('readwrite', (store) => store.delete(id));
  const all = () => within('readonly', (store, box) => { store.getAll().onsuccess = keep(box); });

  // change gives the tap as it is now to decide, and stores what that returns:
  // undefined leaves it, null removes it. Two tabs cannot both undo and send it.
  const change = (id, decide) => within('readwrite', (store, box) => {
    store.get(id).onsuccess = ({ target }) => {
      const next = target.result && decide(target.result);
      box.value = next !== undefined;
      if (next) store.put(next);
      if (next === null) store.delete(id);
    };
  });

  return { add, remove, all, change };
})();
;
/* src/tap_note.js */
// Where nobody is signed in: taps wait on this phone for the one who made them.
(async () => {
  const main = document.getElementById('main');
  if (!main || document.querySelector('.who') || page.kind || !window.indexedDB?.databases) return;
  // Asking must not make a store where there never was one.
  if (!(await indexedDB.databases()).some((db) => db.name === 'taps')) return;
  const waiting = (await tapStore.all()).filter((tap) => tap.state !== 'refused').length;
  if (!waiting) return;
  const note = document.createElement('p');
  note.className = 'banner banner-info';
  note.setAttribute('role', 'status');
  note.textContent = `${waiting === 1 ? '1 tap is' : `${waiting} taps are`} kept on this phone. ${waiting === 1 ? 'It is' : 'They are'} sent when you sign in again with your link.`;
  main.prepend(note);
})().catch(() => {});
;
