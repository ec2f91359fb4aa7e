namespace EventSourcing;
