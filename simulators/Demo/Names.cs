namespace Demo;

/// <summary>Names for the languages whose stock lists read like a lottery draw. The others come from Bogus.</summary>
internal static class Names
{
    public static readonly IReadOnlyDictionary<string, (string[] Women, string[] Men, string[] Last)> Own = new Dictionary<string, (string[], string[], string[])>
    {
        ["en_US"] = (
            ["Maya", "Zoe", "Harper", "Naomi", "Priya", "Camila", "Jasmine", "Leah", "Audrey", "Sofia", "Imani", "Hannah", "Brooke", "Tessa", "Mei",
                "Gabriela", "Riley", "Amara", "Paige", "Nora"],
            ["Mateo", "Elijah", "Noah", "Andre", "Caleb", "Diego", "Kenji", "Malik", "Owen", "Jonah", "Ravi", "Isaac", "Theo", "Marcus", "Wyatt",
                "Julian", "Omar", "Dante", "Eli", "Cole"],
            ["Bennett", "Nguyen", "Carter", "Okafor", "Ramirez", "Sullivan", "Patel", "Brooks", "Kim", "Delgado", "Hayes", "Foster", "Washington",
                "Chen", "Morales", "Whitaker", "Reyes", "Coleman",
                "Park", "Holloway", "Jensen", "Navarro", "Ellis", "Grant", "Vasquez", "Monroe", "Sandoval", "Pierce", "Hart", "Iverson"]),
        ["en_GB"] = (
            ["Isla", "Freya", "Poppy", "Niamh", "Aisha", "Eleanor", "Georgia", "Bronwyn", "Imogen", "Yasmin", "Phoebe", "Orla", "Martha", "Tilly",
                "Zara", "Beatrice", "Rhian", "Ada", "Florence", "Keira"],
            ["Alfie", "Callum", "Rhys", "Tariq", "Hamish", "Jude", "Finlay", "Oscar", "Kwame", "Dylan", "Arjun", "Toby", "Angus", "Lewis", "Idris",
                "Felix", "Rory", "Jasper", "Nathan", "Samir"],
            ["Ashworth", "Campbell", "Hussain", "Griffiths", "Osei", "Thornton", "Kaur", "Fletcher", "Macleod", "Adeyemi", "Pritchard", "Barlow",
                "Whitfield", "Begum", "Sinclair", "Hughes", "Mensah",
                "Radcliffe", "Lowe", "Chaudhry", "Morrison", "Penrose", "Shaw", "Rees", "Bright", "Holt", "Drummond", "Kendall", "Winslow", "Ahmed"]),
        ["fr"] = (
            ["Camille", "Léa", "Manon", "Chloé", "Inès", "Élise", "Juliette", "Aïcha", "Margaux", "Noémie", "Salomé", "Clémence", "Anaïs", "Lucie"],
            ["Hugo", "Lucas", "Théo", "Mehdi", "Antoine", "Gabriel", "Bastien", "Raphaël", "Maxime", "Youssef", "Clément", "Adrien", "Quentin", "Louis"],
            ["Moreau", "Lefèvre", "Garnier", "Benali", "Rousseau", "Chevalier", "Fontaine", "Diallo", "Marchand", "Perrin", "Lemoine", "Gauthier",
                "Dubois", "Renard", "Carpentier", "Mercier", "Blanchard", "Colin", "Barbier", "Leclerc"]),
        ["it"] = (
            ["Giulia", "Chiara", "Martina", "Alessia", "Elena", "Sara", "Beatrice", "Aurora", "Federica", "Ilaria", "Viola", "Noemi"],
            ["Matteo", "Lorenzo", "Davide", "Riccardo", "Tommaso", "Filippo", "Simone", "Edoardo", "Nicolò", "Samuele", "Pietro", "Leonardo"],
            ["Rossetti", "Bianchi", "Marchetti", "Ferrara", "Conti", "Moretti", "Barbieri", "Lombardi", "Galli", "Rinaldi", "Caruso", "Fabbri",
                "De Luca", "Sartori", "Vitale", "Pellegrini", "Grassi", "Bellini"]),
        ["sv"] = (
            ["Astrid", "Elsa", "Linnea", "Saga", "Freja", "Ebba", "Tuva", "Maja", "Signe", "Amira", "Ingrid", "Vera"],
            ["Nils", "Axel", "Viggo", "Elias", "Hugo", "Emil", "Sixten", "Anton", "Oskar", "Karim", "Love", "Henrik"],
            ["Lindqvist", "Sandberg", "Ekström", "Hallberg", "Nyström", "Söderlund", "Åberg", "Forsberg", "Wallin", "Haddad", "Engström", "Björk",
                "Holm", "Sjögren", "Dahlin"]),
    };
}
