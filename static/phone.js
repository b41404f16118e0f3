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
/* src/notices.js */
// The notices on a phone: what was waved away stays away on this phone, though
// the server goes on telling it for a day.
(() => {
  if (!document.getElementById('notices')) return;
  const store = 'notices-read';
  // Longer than the server tells of anything.
  const keepFor = 3 * 24 * 3600e3;
  // What is read here counts even where nothing can be stored.
  let read = {};
  try { read = JSON.parse(localStorage.getItem(store)) || {}; } catch { /* nothing stored */ }

  // Not all of many can be seen at once.
  function count() {
    const list = document.getElementById('notices');
    const more = document.getElementById('notices-more');
    const words = list.scrollHeight > list.clientHeight + 1 ? `${list.children.length} changes, scroll for all of them` : '';
    if (more.textContent !== words) more.textContent = words;
    more.hidden = !words;
  }

  function hide() {
    for (const notice of document.querySelectorAll('#notices > [data-notice]')) {
      if (Object.hasOwn(read, notice.dataset.notice)) notice.remove();
    }
  }

  function remember(id) {
    const now = Date.now();
    read = Object.fromEntries(Object.entries(read).filter(([, at]) => now - at < keepFor));
    read[id] = now;
    try { localStorage.setItem(store, JSON.stringify(read)); } catch { /* until the page is closed */ }
  }

  document.addEventListener('click', (event) => {
    const notice = event.target.closest?.('[data-dismiss]')?.closest('[data-notice]');
    if (!notice) return;
    remember(notice.dataset.notice);
    hide();
    (document.querySelector('#notices [data-dismiss]') || document.getElementById('main')).focus({ preventScroll: true });
  });
  page.onChange(() => { hide(); count(); });
  hide();
  count();
})();
;
/* src/kept.js */
// The copy of this page for where there is no network: the worker keeps it, and
// this tells it when the page has changed and when to forget it.
(() => {
  const workers = navigator.serviceWorker;
  if (!workers || !window.caches) return;
  const settle = 1500;
  const stillEvery = 60e3;
  let later = 0;
  let told = Date.now();

  // tell reaches the worker also from pages that it does not serve.
  async function tell(what) {
    const found = await workers.getRegistration('/contractor');
    found?.active?.postMessage(what);
  }

  function changed() {
    clearTimeout(later);
    later = setTimeout(() => { later = 0; told = Date.now(); tell('keep'); }, settle);
  }

  // A beat of the stream says that nothing has changed.
  function beat() {
    if (later || Date.now() - told < stillEvery) return;
    told = Date.now();
    tell('still');
  }

  // The worker may be busy keeping, so it must know; and it may not run at all.
  async function forget() {
    clearTimeout(later);
    await Promise.all([tell('forget'), caches.delete('phone-page')]);
  }

  function onSubmit(event) {
    const form = event.target;
    if (!['/logout', '/account/sessions'].includes(form.getAttribute('action')) || 'forgotten' in form.dataset) return;
    event.preventDefault();
    form.dataset.forgotten = '';
    Promise.race([forget(), new Promise((done) => { setTimeout(done, 1000); })]).finally(() => form.submit());
  }

  async function install() {
    // A page that a worker gave is looked after. Registered again, a worker that
    // has just retired would come back.
    if (workers.controller) return;
    await workers.register('/sw.js', { scope: '/contractor' });
    await workers.ready;
    changed(); // the page came before there was a worker to keep it
  }

  document.addEventListener('submit', onSubmit);
  page.onSignedOut(forget);
  if (page.kind !== 'contractor') return;
  page.onDrawn(changed);
  page.live.addEventListener('htmx:sse:before:message', (event) => { if (event.detail.message.event === 'hb') beat(); });
  // Without a worker the page only needs a network.
  addEventListener('load', () => install().catch(() => {}));
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
/* src/taps.js */
// The taps of a contractor: each is stored on the phone before anything else,
// shown at once, held back for a while so that it can be undone, and then sent in
// order, one at a time, however long that takes. Where nothing can be stored forms
// are sent as they are.
const taps = (() => {
  if (page.kind !== 'contractor' || !window.indexedDB || !navigator.locks) return null;
  const holdFor = 10e3;
  // A finger that bounces must not take the next step too, whose button may be
  // where that of this one was.
  const bounce = 700;
  const owner = new URL(page.live.getAttribute('hx-sse:connect'), location.href).pathname.split('/').pop();
  const tabs = new BroadcastChannel('taps');
  let list = [];
  let signedOut = false;
  let pause = 0;
  let nextTry = 0;

  // load reads what waits. Another contractor's taps are left alone until he signs
  // in again.
  async function load() {
    list = (await tapStore.all()).filter((tap) => tap.owner === owner);
    page.changed();
  }

  async function changed() {
    await load();
    tabs.postMessage('changed');
  }

  const waiting = () => list.filter((tap) => tap.state !== 'refused');

  function tapOf(form, submitter) {
    const at = new Date(page.now());
    form.elements.client_at.value = `${at.toISOString().slice(0, 19)}Z`;
    const fields = [...new FormData(form)].map(([name, value]) => [name, String(value)]);
    const card = form.closest('.card-phone');
    return {
      owner, fields, state: 'waiting', at: at.getTime(), made: Date.now(), due: Date.now() + holdFor,
      action: form.getAttribute('action'), act: form.elements.act.value, key: form.elements.idempotency_key.value || crypto.randomUUID(),
      card: card.id, number: card.querySelector('.phone-number').textContent, label: (submitter || form.querySelector('button')).textContent.trim(),
    };
  }

  async function onSubmit(event) {
    const form = event.target.closest?.('form[data-tap]');
    if (!form) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const tap = tapOf(form, event.submitter);
    const before = waiting().findLast(({ card }) => card === tap.card);
    if (before && tap.made - before.made < bounce) return;
    const was = list.find(({ key }) => key === tap.key);
    try {
      if (was?.state === 'refused') await tapStore.remove(was.id);
      await tapStore.add(tap);
    } catch (error) {
      // The same tap twice is one; without a store it is sent as it is.
      if (error?.name !== 'ConstraintError') { form.submit(); return; }
    }
    await changed();
    document.querySelector(`[data-undo][data-card="${tap.card}"]`)?.focus({ preventScroll: true });
  }

  // post sends a tap and returns what became of it.
  async function post(tap) {
    const answer = await fetch(tap.action, {
      method: 'POST', body: new URLSearchParams(tap.fields), redirect: 'manual', cache: 'no-store', keepalive: true, signal: AbortSignal.timeout(20e3),
      headers: { 'HX-Request': 'true', 'HX-Request-Type': 'partial', 'X-Contractor': owner },
    });
    const text = await answer.text();
    // What stands in front of the server may answer too: it took nothing.
    if (!answer.headers.get('X-Request-Id') || answer.status >= 500 || answer.status === 429) return { what: 'again' };
    if (answer.status === 401) return { what: 'signed out' };
    return answer.ok ? { what: 'taken', text } : refusal(text);
  }

  // refusal is the sentence that says why, and the card as it is now. The sentence
  // is shown by us, until it has been read.
  function refusal(text) {
    const answer = document.createElement('template');
    answer.innerHTML = text;
    const said = answer.content.querySelector('[id^="refused-"] p, .field-error, .banner p');
    const words = said?.textContent.replace(/\s+/g, ' ').trim() || 'The job has changed. Nothing was changed.';
    answer.content.querySelector('[id^="refused-"]')?.closest('hx-upsert').remove();
    return { what: 'refused', text: answer.innerHTML, words };
  }

  async function settle(tap, outcome) {
    signedOut = outcome.what === 'signed out';
    if (outcome.what === 'taken' || outcome.what === 'refused') {
      pause = 0;
      const { words } = outcome;
      await tapStore.change(tap.id, (was) => (words ? { ...was, state: 'refused', words } : null));
      list = list.filter(({ id }) => id !== tap.id);
      await content.take(outcome.text).catch(() => live.refresh());
    } else {
      pause = Math.min(pause * 2 || 2000, 60e3);
      nextTry = Date.now() + pause * (0.5 + Math.random());
    }
    await changed();
  }

  // next is the tap whose turn it is, marked as being sent, so that no tab can undo
  // it any more.
  async function next() {
    await load();
    const [tap] = waiting();
    if (!tap || tap.due > Date.now() || Date.now() < nextTry || signedOut) return null;
    const mine = await tapStore.change(tap.id, (now) => ({ ...now, state: 'sending' }));
    if (mine && tap.state !== 'sending') await changed();
    return mine ? tap : next();
  }

  // send sends what is due. Only one tab does; a tap whose sending was cut off is
  // sent again with its key, so that it counts once.
  function send() {
    return navigator.locks.request('taps', { ifAvailable: true }, async (lock) => {
      if (!lock) return;
      for (let tap = await next(); tap; tap = await next()) {
        await settle(tap, await post(tap).catch(() => ({ what: 'again' })));
      }
    });
  }

  async function undo(id) {
    await tapStore.change(id, (now) => (now.state === 'waiting' ? null : undefined));
    await changed();
  }

  async function seen(id) {
    await tapStore.remove(id);
    await changed();
  }

  // now tries at once: something says that the network is back, or that the reader
  // leaves, who would come to undo it hardly.
  function now() {
    nextTry = 0;
    pause = 0;
    signedOut = false;
    send().catch(() => {});
  }

  async function leave() {
    await Promise.all(waiting().map(({ id }) => tapStore.change(id, (tap) => ({ ...tap, due: 0 }))));
    now();
  }

  document.addEventListener('submit', onSubmit, true);
  window.addEventListener('online', now);
  window.addEventListener('pageshow', now);
  document.addEventListener('visibilitychange', () => (document.hidden ? leave() : now()));
  page.live.addEventListener('htmx:sse:before:message', (event) => { if (event.detail.message.event === 'hello') now(); });
  tabs.onmessage = load;
  setInterval(() => { if (waiting().some((tap) => tap.due <= Date.now())) send().catch(() => {}); }, 1000);
  load().then(now).catch(() => {});

  return { refused: () => list.filter((tap) => tap.state === 'refused'), waiting, undo, seen, isSignedOut: () => signedOut };
})();
;
/* src/tap_view.js */
// What a contractor sees of his taps that the server does not have yet: on the
// card, above the list, and what became of those that came too late.
(() => {
  if (!taps) return;
  const states = {
    accept: ['accepted', 'Accepted'], decline: ['declined', 'Declined'], travel: ['en_route', 'On the way'],
    arrive: ['on_site', 'On site'], start: ['in_progress', 'In progress'], pause: ['paused', 'Paused'],
    resume: ['in_progress', 'In progress'], complete: ['completed', 'Completed'], incomplete: ['incomplete', 'Incomplete'],
  };
  // A connection that is gone for less than this is hardly worth a word.
  const grace = 3000;
  let cutSince = 0;
  const box = document.createElement('div');
  box.className = 'taps';
  box.innerHTML = '<p class="banner banner-info" role="status" aria-live="polite" hidden></p><ul class="notices" aria-label="Taps that came too late"></ul>';
  document.getElementById('content').before(box);
  const [banner, refusals] = box.children;

  function make(tag, name, text, data = {}) {
    const el = document.createElement(tag);
    el.className = name;
    el.textContent = text;
    Object.assign(el.dataset, data);
    return el;
  }

  function button(words, label, data) {
    const el = make('button', 'button button-big', words, data);
    el.type = 'button';
    el.setAttribute('aria-label', label);
    return el;
  }

  // drawSteps offers what he may do after his last tap. The forms of the server,
  // which the stylesheet hides, are for the state that it knows.
  function drawSteps(card, list) {
    const last = String(list.at(-1)?.id ?? '');
    if ((card.dataset.stepsAfter || '') === last) return;
    card.querySelectorAll('.tap-step').forEach((el) => el.remove());
    card.dataset.stepsAfter = last;
    const pattern = last && document.querySelector(`template[data-later="${states[list.at(-1).act][0]}"]`);
    if (!pattern) return;
    const id = card.id.slice('card-'.length);
    const version = Number(card.querySelector('.phone-actions [name="version"]')?.value) + list.length;
    const later = document.createElement('template');
    later.innerHTML = pattern.innerHTML.replaceAll('-ASSIGNMENT', `-later-${id}`).replaceAll('ASSIGNMENT', id).replaceAll('NUMBER', list[0].number);
    for (const { elements } of later.content.querySelectorAll('form')) {
      elements.version.value = version;
      // As the server names it when it has the taps before this one.
      elements.idempotency_key.value = `${elements.act.value}-${id}-${version}`;
    }
    for (const el of later.content.children) el.classList.add('tap-made', 'tap-step');
    card.querySelector('.phone-actions').prepend(later.content);
  }

  // drawCard shows the state that the last tap leads to beside the one of the server,
  // which the stylesheet hides. Only the last one can be undone: others rest on
  // those before it.
  function drawCard(card, list) {
    drawSteps(card, list);
    const key = list.map((tap) => tap.id + tap.state).join(' ');
    if ((card.dataset.tapped || '') === key) return;
    card.querySelectorAll('.tap-made:not(.tap-step)').forEach((el) => el.remove());
    if (!key) { delete card.dataset.tapped; return; }
    card.dataset.tapped = key;
    const [shape, word] = states[list.at(-1).act];
    const tag = make('span', 'st-tag tap-made', '');
    tag.append(make('span', `st st-${shape}`, ''), word);
    card.querySelector('.st-tag').after(tag);
    const place = card.querySelector('.phone-actions');
    for (const tap of list) {
      const line = make('div', 'tap-line tap-made', '');
      line.append(make('p', '', `${tap.label} ${page.clock(new Date(tap.at))} – ${tap.state === 'sending' ? 'being sent' : 'waiting to be sent'}`));
      if (tap.state === 'waiting' && tap === list.at(-1)) line.append(button('Undo', `Undo: ${tap.label}, ${tap.number}`, { undo: tap.id, card: card.id }));
      // The one that can be undone stays where the thumb is.
      if (tap === list.at(-1)) place.prepend(line);
      else place.before(line);
    }
  }

  function drawRefusals() {
    const list = taps.refused();
    const key = list.map(({ id }) => id).join(' ');
    if (refusals.dataset.key === key) return;
    refusals.dataset.key = key;
    refusals.replaceChildren(...list.map((tap) => {
      const item = make('li', 'notice', '');
      item.append(make('p', '', `${tap.label}, ${tap.number}, at ${page.moment(new Date(tap.at))}: ${tap.words}`),
        button('OK', `OK, I have read it: ${tap.number}`, { seen: tap.id }));
      return item;
    }));
  }

  // cut says since when there has been no connection, 0 while there is one.
  function cut() {
    const link = document.documentElement.dataset.link;
    if (!link || link === 'live' || link === 'degraded') return 0;
    return cutSince || live.asOf() || (link === 'stale' || link === 'lost' ? live.lastFrame() : page.now());
  }

  function drawBanner() {
    cutSince = cut();
    const count = taps.waiting().length;
    const wait = count === 1 ? '1 tap waiting' : `${count} taps waiting`;
    const late = cutSince && (!navigator.onLine || page.now() - cutSince > grace);
    let words = '';
    if (taps.isSignedOut()) words = `Signed out – ${wait}, kept on this phone until you sign in again.`;
    else if (late) words = `Offline since ${page.moment(new Date(cutSince))}${count ? ` – ${wait}` : ''}`;
    if (banner.textContent !== words) banner.textContent = words;
    banner.hidden = !words;
  }

  function draw() {
    for (const card of document.querySelectorAll('.card-phone')) drawCard(card, taps.waiting().filter((tap) => tap.card === card.id));
    drawRefusals();
    drawBanner();
  }

  document.addEventListener('click', (event) => {
    const { undo, seen } = event.target.closest?.('[data-undo], [data-seen]')?.dataset || {};
    if (undo) taps.undo(Number(undo));
    if (seen) taps.seen(Number(seen));
  });
  page.onDrawn(draw);
  page.onChange(draw);
  window.addEventListener('online', draw);
  window.addEventListener('offline', draw);
  setInterval(drawBanner, 1000);
  draw();
})();
;
/* src/phone.js */
// The list on a phone: the next job is open and big, and what the reader opened
// or closed stays so when its card is drawn anew.
(() => {
  const rows = () => [...document.querySelectorAll('.card-phone')];
  // chosen holds by card what the reader did with it.
  const chosen = new Map();
  // States of a job that he is at, whatever the clock says, and of one that is
  // over. What he has just tapped may still be undone, so it does not count.
  const busy = '.st-tag:not(.tap-made) > :is(.st-en_route, .st-on_site, .st-in_progress, .st-paused)';
  const done = '.st-tag:not(.tap-made) > :is(.st-completed, .st-incomplete)';

  // typed holds by form what was chosen and written in it, as long as it is open.
  const typed = new Map();
  const nameOf = (form) => form.id.replace('-later-', '-');
  const reasons = (form) => [...new FormData(form)].filter(([name]) => name.startsWith('reason'));

  // rewrite brings that back where a card was drawn anew.
  function rewrite() {
    for (const form of document.querySelectorAll('.phone-why:not([open]) > form')) {
      const fields = typed.get(nameOf(form));
      if (!fields) continue;
      form.parentElement.open = true;
      for (const [name, value] of fields) form.elements[name].value = value;
    }
  }

  function draw() {
    rewrite();
    dates();
    const list = rows();
    const next = list.find((card) => card.querySelector(busy)) || list.find((card) => card.dataset.when !== 'past' && !card.querySelector(done));
    for (const card of list) {
      card.toggleAttribute('data-next', card === next);
      const box = card.querySelector('details');
      const open = chosen.get(card.id) ?? (card === next || 'tapped' in card.dataset);
      if (box.open !== open) box.open = open;
    }
  }

  // A copy may be read on another day.
  function dates() {
    const shown = page.live?.dataset.date;
    if (!shown || shown === page.localDate()) return;
    for (const head of document.querySelectorAll('.phone-day h2')) head.textContent = head.textContent.replace(/^(Today|Tomorrow), /, '');
  }

  document.addEventListener('click', (event) => {
    const box = event.target.closest?.('.phone-sum')?.parentElement;
    // It opens or closes after this.
    if (box) chosen.set(box.closest('.card-phone').id, !box.open);
  });
  document.addEventListener('toggle', ({ target }) => {
    if (!target.matches?.('.phone-why') || !target.isConnected) return;
    const [form] = target.getElementsByTagName('form');
    if (target.open) typed.set(nameOf(form), reasons(form));
    else typed.delete(nameOf(form));
  }, true);
  document.addEventListener('input', ({ target }) => {
    if (target.form?.parentElement.matches('.phone-why')) typed.set(nameOf(target.form), reasons(target.form));
  });
  // Before the tap is taken out of the page's hands.
  window.addEventListener('submit', ({ target }) => typed.delete(nameOf(target)), true);
  page.onDrawn(draw);
  page.onChange(draw);
  draw();
})();
;
/* src/receipts.js */
// What a contractor's page tells the server of what it shows: that a card is in
// it, and that it was looked at for a second. Told at least once and kept until
// the server has it, also over a reload.
(() => {
  if (page.kind !== 'contractor') return;
  const store = 'receipts';
  const rungs = ['on-screen', 'seen'];
  // A little more than a card has to be in view, so that both rungs go together.
  const pause = 1200;
  const seenAfter = 1000;
  const most = 50;
  const kept = 300;
  // told holds the highest rung that the server has by news, waiting what it has
  // yet to get: [rung, milliseconds] each.
  let told = {};
  let waiting = {};
  try { ({ told = {}, waiting = {} } = JSON.parse(localStorage.getItem(store)) || {}); } catch { /* nothing stored */ }
  const inView = new Map();
  let timer = 0;
  let sending = false;
  let failures = 0;

  const newest = (map) => Object.fromEntries(Object.entries(map).slice(-kept));
  function save() {
    told = newest(told);
    waiting = newest(waiting);
    try { localStorage.setItem(store, JSON.stringify({ told, waiting })); } catch { /* until the page is closed */ }
  }

  function note(news, rung) {
    const key = `${news}:${rungs[rung]}`;
    if ((told[news] ?? -1) >= rung || Object.hasOwn(waiting, key)) return;
    waiting[key] = Date.now();
    save();
    plan(pause);
  }

  function plan(after) {
    if (!timer && !sending) timer = setTimeout(send, after);
  }

  async function send() {
    clearTimeout(timer);
    timer = 0;
    const batch = Object.entries(waiting).slice(0, most);
    if (sending || batch.length === 0) return;
    sending = true;
    let status = 0;
    try {
      const body = new URLSearchParams(batch.map(([key, at]) => ['receipt', `${key}:${at}`]));
      // It goes on when the page is left.
      status = (await fetch('/receipts', { method: 'POST', body, keepalive: true, credentials: 'same-origin', redirect: 'manual' })).status;
    } catch { /* no network: later */ }
    sending = false;
    // What can never be taken is not sent again and again.
    const done = status === 204 || status === 422;
    failures = done ? 0 : failures + 1;
    if (done) {
      for (const [key] of batch) {
        const cut = key.lastIndexOf(':');
        const news = key.slice(0, cut);
        told[news] = Math.max(told[news] ?? -1, rungs.indexOf(key.slice(cut + 1)));
        delete waiting[key];
      }
      save();
    }
    if (Object.keys(waiting).length > 0) plan(done ? pause : Math.min(pause * 2 ** failures, 60e3));
  }

  // A card is looked at for a second, or not at all: leaving it begins anew.
  function look(el) {
    const news = el.dataset.news;
    const view = inView.get(el);
    clearTimeout(view?.timer);
    if (view?.visible && !document.hidden) view.timer = setTimeout(() => note(news, rungs.indexOf('seen')), seenAfter);
  }

  // Half of the card, or of the screen where the card is higher than that.
  const observer = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting, intersectionRatio, intersectionRect, rootBounds } of entries) {
      const visible = isIntersecting && (intersectionRatio >= 0.5 || intersectionRect.height >= (rootBounds?.height ?? innerHeight) / 2);
      const view = inView.get(target);
      if (!view || view.visible === visible) continue;
      view.visible = visible;
      look(target);
    }
  }, { threshold: [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.75, 1] });

  function scan() {
    for (const [el, view] of inView) {
      if (el.isConnected && el.dataset.news === view.news) continue;
      clearTimeout(view.timer);
      observer.unobserve(el);
      inView.delete(el);
    }
    for (const el of document.querySelectorAll('#content [data-news]:not([data-news$=":0"])')) {
      if (inView.has(el)) continue;
      inView.set(el, { news: el.dataset.news, visible: false, timer: 0 });
      note(el.dataset.news, rungs.indexOf('on-screen'));
      observer.observe(el);
    }
  }

  document.addEventListener('visibilitychange', () => {
    for (const el of inView.keys()) look(el);
    if (document.hidden) send();
  });
  window.addEventListener('pagehide', send);
  window.addEventListener('online', send);
  page.onChange(scan);
  scan();
  if (Object.keys(waiting).length > 0) plan(pause);
})();
;
