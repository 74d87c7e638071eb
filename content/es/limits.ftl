# Cuántas fotos, y cuánto esperan. Markdown: __negrita__.

in-seconds =
    { $count ->
        [one] dentro de { $count } segundo
       *[other] dentro de { $count } segundos
    }
in-minutes =
    { $count ->
        [one] dentro de { $count } minuto
       *[other] dentro de { $count } minutos
    }
in-hours =
    { $count ->
        [one] dentro de { $count } hora
       *[other] dentro de { $count } horas
    }
photo-limit = __Podré mirar su próxima foto { $when }.__ Acepto un número limitado de cada persona, para que nadie tenga que esperar mucho. No he abierto esta ni las que le siguen en el mismo álbum; envíelas otra vez entonces, por favor.

    { -do-not-wait }
photo-queue-full = __Esperan más fotos de las que puedo mirar en este momento.__ No he abierto la suya. Envíela otra vez { $when }, por favor, con las demás del mismo álbum si las hay.

    { -do-not-wait }
looking-in-line = Su foto está en la cola: la miraré más o menos { $when } y le responderé aquí mismo.

    { -do-not-wait }
looking-late = No estaba disponible cuando envió esta foto. Perdone la demora. La estoy mirando…
too-many-messages = Sus mensajes llegaron más rápido de lo que puedo leer. No he leído los últimos; envíe otra vez lo que importe, por favor. { -emergency }

    { -do-not-wait }
