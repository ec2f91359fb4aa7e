namespace Medallion.Threading.Postgres;
